import { describe, expect, test } from '@jest/globals';
import { ExecutionState, RunId } from '@terramesh/contracts';
import { boundText, outcomeOf, overallStatus } from './target-outcome.js';

const id = RunId.parse('run-1111111111111111');
const plan = { toAdd: 0, toChange: 1, toDestroy: 0, toImport: 0, changesOutside: false, summary: 'Plan: 1 to change.' };
const texts = { plan_output: 'planned', apply_output: 'applied', error: '', failure: '' };
const execution = (state: ExecutionState) => ({ state, plan, problem: null });

describe('only what is known to have worked is a success', () => {
  const successes = { plan: ['planned', 'no_changes'], apply: ['applied', 'no_changes'] };
  test.each(
    (['plan', 'apply'] as const).flatMap((kind) => ExecutionState.options.map((state) => [kind, state] as const)),
  )('a run of kind %s that ends as %s', (kind, state) => {
    const outcome = outcomeOf({ id, kind }, execution(state), texts);
    const isSuccess = successes[kind].includes(state);
    expect(outcome.status).toBe(isSuccess ? 'success' : 'failed');
    expect(outcome.error === '').toBe(isSuccess);
    expect(outcome.applied).toBe(state === 'applied' ? 'yes' : state === 'outcome_unknown' ? 'unknown' : 'no');
    if (!isSuccess) expect(outcome.driftAfter).toBeNull();
  });
});

test('drift is gone after an apply, and what the plan says after a plan', () => {
  const after = (kind: 'plan' | 'apply', state: ExecutionState) =>
    outcomeOf({ id, kind }, execution(state), texts).driftAfter;
  expect(after('apply', 'applied')).toMatchObject({ hasDrift: false, summary: 'Apply completed successfully' });
  expect(after('plan', 'planned')).toEqual({ ...plan, hasDrift: true });
});

test.each([
  ['plan_failed' as const, { error: 'Error: no such file' }, 'terraform plan failed: Error: no such file'],
  ['plan_failed' as const, { failure: 'is locked by 7' }, 'is locked by 7'],
  ['apply_failed' as const, { error: 'Error: denied' }, 'terraform apply failed: Error: denied'],
  ['canceled' as const, {}, `run ${id} was canceled before this project was through`],
  ['planned' as const, {}, `run ${id} ended while this project was planned`],
])('%s with %j says %j', (state, part, expected) => {
  expect(outcomeOf({ id, kind: 'apply' }, execution(state), { ...texts, ...part }).error).toBe(expected);
});

test('an unknown outcome says so and sends for a person', () => {
  const { error } = outcomeOf({ id, kind: 'apply' }, execution('outcome_unknown'), { ...texts, error: 'lost' });
  expect(error).toMatch(/outcome of this apply is unknown.*A person must look.*\n\nlost$/s);
});

test.each([
  [[], 'success'],
  [['success', 'success'], 'success'],
  [['success', 'failed'], 'partial'],
  [['failed'], 'failed'],
] as const)('%j make %s', (statuses, expected) => {
  expect(overallStatus(statuses.map((status) => ({ status })))).toBe(expected);
});

test('a long text is cut between characters, and says so', () => {
  expect(boundText('short', 5)).toBe('short');
  expect(boundText('abc🌍def', 4)).toBe(
    'abc\n… cut after 4 characters; all of it is with the run, as long as that is kept',
  );
});
