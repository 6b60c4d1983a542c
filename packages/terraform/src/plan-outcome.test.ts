import { expect, test } from '@jest/globals';
import { planOutcome } from './plan-outcome.js';

test.each([
  [{ code: 0, signal: null }, 'no-changes'],
  [{ code: 2, signal: null }, 'changes'],
  [{ code: 1, signal: null }, 'failed'],
  [{ code: 127, signal: null }, 'failed'],
  [{ code: 130, signal: null }, 'stopped'],
  [{ code: null, signal: 'SIGKILL' as const }, 'stopped'],
  [{ code: null, signal: null }, 'stopped'],
  [{ code: 0, signal: null, stoppedFor: 'output-limit' as const }, 'stopped'],
])('%j is %s', (exit, outcome) => {
  expect(planOutcome(exit)).toBe(outcome);
});
