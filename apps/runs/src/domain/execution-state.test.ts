import { describe, expect, test } from '@jest/globals';
import { ExecutionState } from '@terramesh/contracts';
import { afterLostWorker, canChange, isTerminal, terminalStates } from './execution-state.js';

describe('an execution', () => {
  test.each(ExecutionState.options)('never leaves outcome_unknown, not even for %s', (state) => {
    expect(canChange('outcome_unknown', state)).toBe(false);
  });

  test.each(['queued', 'leased', 'preparing', 'planning', 'planned', 'no_changes', 'apply_queued'] as const)(
    'is never applied without apply_intent: not from %s',
    (state) => {
      expect(canChange(state, 'applying')).toBe(false);
      expect(canChange(state, 'applied')).toBe(false);
    },
  );

  test('is never queued again once its apply may have started', () => {
    for (const from of ['apply_intent', 'applying'] as const)
      for (const to of ['queued', 'apply_queued', 'leased', 'planning'] as const)
        expect(canChange(from, to)).toBe(false);
  });

  test('ends in exactly these states', () => {
    expect([...terminalStates].sort()).toEqual(
      ['planned', 'no_changes', 'plan_failed', 'applied', 'apply_failed', 'outcome_unknown', 'canceled'].sort(),
    );
  });
});

describe('an execution whose worker is lost', () => {
  test('is queued again while it is planned, and unknown once it may have been applied', () => {
    expect(ExecutionState.options.map((state) => [state, afterLostWorker(state)])).toEqual([
      ['queued', 'nothing'],
      ['leased', 'requeue'],
      ['preparing', 'requeue'],
      ['planning', 'requeue'],
      ['planned', 'nothing'],
      ['no_changes', 'nothing'],
      ['plan_failed', 'nothing'],
      ['apply_queued', 'unlease'],
      ['apply_intent', 'outcome_unknown'],
      ['applying', 'outcome_unknown'],
      ['applied', 'nothing'],
      ['apply_failed', 'nothing'],
      ['outcome_unknown', 'nothing'],
      ['canceled', 'nothing'],
    ]);
  });

  test.each(ExecutionState.options)('keeps its end when it has one: %s', (state) => {
    if (isTerminal(state)) expect(afterLostWorker(state)).toBe('nothing');
  });
});
