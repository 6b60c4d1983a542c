import { describe, expect, test } from '@jest/globals';
import { ExecutionState } from '@terramesh/contracts';
import { runMessage, runStatus } from './run-status.js';

describe('runStatus', () => {
  test.each([
    ['plan', 'queued', 'its lock', 'pending'],
    ['plan', 'queued', null, 'plan_queued'],
    ['plan', 'leased', null, 'plan_queued'],
    ['plan', 'preparing', null, 'planning'],
    ['plan', 'planning', null, 'planning'],
    ['plan', 'planned', null, 'planned_and_finished'],
    ['apply', 'planned', null, 'errored'],
    ['plan', 'no_changes', null, 'planned_and_finished'],
    ['plan', 'plan_failed', null, 'errored'],
    ['apply', 'apply_queued', 'its turn', 'apply_queued'],
    ['apply', 'apply_intent', null, 'applying'],
    ['apply', 'applying', null, 'applying'],
    ['apply', 'applied', null, 'applied'],
    ['apply', 'apply_failed', null, 'errored'],
    ['apply', 'outcome_unknown', null, 'errored'],
    ['apply', 'canceled', null, 'canceled'],
  ] as const)('of a %s that is %s and waits for %p is %s', (kind, state, waitingFor, status) => {
    expect(runStatus({ kind, state, waitingFor })).toBe(status);
  });

  test('is a success only where the run did what it was for', () => {
    const successes = ExecutionState.options.flatMap((state) =>
      (['plan', 'apply'] as const)
        .filter((kind) => ['planned_and_finished', 'applied'].includes(runStatus({ kind, state, waitingFor: null })))
        .map((kind) => `${kind} ${state}`),
    );
    expect(successes).toEqual(['plan planned', 'plan no_changes', 'apply no_changes', 'plan applied', 'apply applied']);
  });
});

describe('runMessage', () => {
  const run = { kind: 'apply', state: 'applied', ref: 'main', pull: null, user: '', problem: null } as const;
  test.each([
    [{}, 'Apply of main'],
    [{ kind: 'plan', pull: 7, user: 'ann' } as const, 'Plan of main for pull request #7 by ann'],
    [{ state: 'apply_failed', problem: 'no such bucket' } as const, 'Apply of main: no such bucket'],
  ])('of %p is %p', (part, message) => {
    expect(runMessage({ ...run, ...part })).toBe(message);
  });

  test('of a lost apply says that nobody knows', () => {
    expect(runMessage({ ...run, state: 'outcome_unknown' })).toContain('nobody knows how it ended');
  });
});
