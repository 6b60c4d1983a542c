import { describe, expect, it } from '@jest/globals';
import { ExecutionState, type RunKind, type RunOutcome } from '@terramesh/contracts';
import { executionVerdict, runOutcome } from './outcome.js';

const cases: [RunKind, ExecutionState[], RunOutcome][] = [
  ['plan', [], 'success'],
  ['apply', [], 'success'],
  ['plan', ['planned', 'no_changes'], 'success'],
  ['apply', ['applied', 'no_changes'], 'success'],
  ['apply', ['applied', 'planned'], 'partial'],
  ['apply', ['planned'], 'failed'],
  ['plan', ['plan_failed'], 'failed'],
  ['plan', ['planned', 'plan_failed'], 'partial'],
  ['apply', ['outcome_unknown'], 'failed'],
  ['apply', ['applied', 'outcome_unknown'], 'partial'],
  ['apply', ['applied', 'apply_failed', 'canceled'], 'partial'],
  ['apply', ['apply_failed', 'canceled'], 'failed'],
  ['apply', ['outcome_unknown', 'canceled'], 'failed'],
  ['plan', ['canceled'], 'canceled'],
  ['apply', ['applied', 'canceled'], 'canceled'],
];

describe('runOutcome', () => {
  it.each(cases)('of a run of kind %s with %j is %s', (kind, states, outcome) => {
    expect(runOutcome(kind, states)).toBe(outcome);
  });

  it.each(['queued', 'leased', 'preparing', 'planning', 'apply_queued', 'apply_intent', 'applying'] as const)(
    'is refused while an execution is %s',
    (state) => {
      expect(() => runOutcome('apply', ['applied', state])).toThrow('unfinished');
    },
  );

  it('is a success for no other state than the ones that say so', () => {
    const successful = (kind: RunKind) =>
      ExecutionState.options.filter((state) => executionVerdict(kind, state) === 'succeeded');
    expect(successful('plan')).toEqual(['planned', 'no_changes']);
    expect(successful('apply')).toEqual(['no_changes', 'applied']);
  });
});
