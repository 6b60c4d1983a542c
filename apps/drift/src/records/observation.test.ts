import { describe, expect, test } from '@jest/globals';
import { type ExecutionState, Run } from '@terramesh/contracts';
import { concludeDetection } from '../detections/conclude-detection.js';
import { observationsOf } from './observation.js';

const at = '2026-01-01T00:00:00.000Z';
const plan = { toAdd: 1, toChange: 0, toDestroy: 0, toImport: 0, changesOutside: false, summary: 'Plan: 1 to add.' };
type Plan = typeof plan | null;

function run(states: readonly [ExecutionState, Plan, (string | null)?][], more: Partial<Run> = {}): Run {
  return Run.parse({
    id: `run-${'A'.repeat(16)}`,
    kind: 'plan',
    status: 'finished',
    outcome: 'partial',
    origin: 'drift',
    type: 'Github',
    hostname: 'github.com',
    repository: 'acme/infra',
    ref: 'main',
    pull: null,
    commit: null,
    error: null,
    createdAt: at,
    startedAt: at,
    finishedAt: at,
    cancelRequestedAt: null,
    executions: states.map(([state, planned, problem = null], index) => ({
      id: `exe-${'A'.repeat(15)}${index + 1}`,
      target: { directory: `d${index}`, terraformWorkspace: 'default', name: '' },
      executionOrderGroup: 0,
      dependsOn: [],
      state,
      waitingFor: null,
      cancelRequestedAt: null,
      plan: planned,
      problem,
      epoch: 1,
      startedAt: at,
      finishedAt: at,
    })),
    ...more,
  });
}

const seen = (state: ExecutionState, planned: Plan = plan, problem: string | null = null) =>
  observationsOf(run([[state, planned, problem]]), () => undefined)[0];

describe('what an execution says of drift', () => {
  test.each<[ExecutionState, Plan, object]>([
    ['planned', plan, { kind: 'checked', counts: { hasDrift: true, toAdd: 1 } }],
    ['planned', { ...plan, toAdd: 0, changesOutside: true }, { kind: 'checked', counts: { hasDrift: false } }],
    ['planned', { ...plan, toAdd: 0, toImport: 1 }, { kind: 'checked', counts: { hasDrift: true } }],
    ['no_changes', { ...plan, toAdd: 0 }, { kind: 'checked', counts: { hasDrift: false } }],
    ['plan_failed', plan, { kind: 'checked', counts: { hasDrift: true } }],
    ['applied', plan, { kind: 'applied', counts: { hasDrift: false, toAdd: 0, summary: 'Applied. Plan: 1 to add.' } }],
    ['plan_failed', null, { kind: 'failed', error: 'it ended as plan_failed' }],
    ['apply_failed', plan, { kind: 'failed', error: 'the apply failed' }],
    ['outcome_unknown', plan, { kind: 'failed', error: 'nobody knows how the apply ended' }],
  ])('%s with %j', (state, planned, expected) => {
    expect(seen(state, planned)).toMatchObject(expected);
  });

  test('one that was canceled says nothing', () => {
    expect(seen('canceled')).toBeUndefined();
  });

  test('reasons are cut, and never in the middle of a character', () => {
    const observation = seen('plan_failed', null, `${'x'.repeat(498)}😀😀`);
    expect(observation).toMatchObject({ error: `${'x'.repeat(498)}…` });
  });
});

describe('what a detection concludes', () => {
  const conclude = (of: Run, failure?: { error: string }) =>
    concludeDetection(
      of,
      observationsOf(of, () => undefined),
      failure,
    );
  const misfit = { project: 'nope', directory: '', workspace: '', reason: 'there is no project nope' };

  test.each<[string, Run, string]>([
    ['nothing to look at', run([]), 'success'],
    [
      'all could be looked at',
      run([
        ['planned', plan],
        ['no_changes', plan],
      ]),
      'success',
    ],
    [
      'some could',
      run([
        ['planned', plan],
        ['plan_failed', null],
      ]),
      'partial',
    ],
    ['none could', run([['plan_failed', null]]), 'failed'],
    [
      'one was canceled',
      run([
        ['planned', plan],
        ['canceled', null],
      ]),
      'partial',
    ],
    ['a name fits nothing', run([['planned', plan]], { leftOut: [misfit] }), 'partial'],
  ])('%s: %j is %s', (_what, of, status) => {
    expect(conclude(of).status).toBe(status);
  });

  test('every target is named once, with why it is not known', () => {
    const of = run(
      [
        ['planned', plan],
        ['canceled', null],
        ['plan_failed', null, 'away'],
      ],
      { leftOut: [misfit] },
    );
    expect(conclude(of).targets.map(({ target, error }) => [target.directory, target.name, error])).toEqual([
      ['d0', '', null],
      ['d1', '', 'it was canceled'],
      ['d2', '', 'away'],
      ['', 'nope', misfit.reason],
    ]);
  });

  test('a failure as a whole is its error', () => {
    expect(conclude(run([]), { error: 'no such ref' })).toMatchObject({ status: 'failed', error: 'no such ref' });
  });
});
