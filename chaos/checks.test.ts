import { expect, test } from '@jest/globals';
import { findBroken } from './checks.mjs';
import { takeoverTimes } from './takeovers.mjs';

/** Facts of a campaign in which one client applied one target, and all was well. */
function soundFacts() {
  const version = { version: 'v1', mode: 'pass' };
  const step = (state: string, lockState: string) => ({ executionId: 'exe-1', runId: 'run-1', state, lockState });
  return {
    requests: [{ key: 'k', kind: 'apply', runId: 'run-1', answers: [{ status: 202, id: 'run-1', text: '' }] }],
    runs: [{ id: 'run-1', key: 'k', kind: 'apply', status: 'finished', outcome: 'success', commit: 'c' }],
    executions: [
      { id: 'exe-1', runId: 'run-1', directory: 'target-1', state: 'applied', lockState: 'none', problem: '' },
    ],
    history: [
      step('queued', 'wanted'),
      step('leased', 'held'),
      step('apply_intent', 'held'),
      step('applied', 'releasing'),
      step('applied', 'none'),
    ],
    effects: [{ target: 'target-1', version: 'v1', runId: 'run-1' }],
    commits: new Map([['c', { 'target-1': version }]]),
    logChunks: [{ runId: 'run-1', first: 1, last: 2, lines: 2 }],
    streams: [{ runId: 'run-1', numbers: [1, 2], ended: true }],
    results: [
      {
        runId: 'run-1',
        status: 200,
        text: JSON.stringify({
          ProjectResults: [{ RepoRelDir: 'target-1', Error: null, Failure: '', PlanSuccess: null, ApplySuccess: 'ok' }],
        }),
      },
    ],
    lastKey: 'k',
    drift: {
      ...{ requests: [], detections: [], detected: [], remediations: [], remediated: [] },
      ...{ claims: [], records: [], looks: [], proof: [] },
    },
    unsettled: [] as string[],
    needlessLocks: [] as string[],
    locksLeft: [] as string[],
    leftovers: [] as string[],
  };
}

type Facts = ReturnType<typeof soundFacts>;

function figuresOf(spoil: (facts: Facts) => void): string[] {
  const facts = soundFacts();
  spoil(facts);
  return findBroken(facts).map(({ figure }: { figure: string }) => figure);
}

test('a campaign in which all was well has nothing broken', () => {
  expect(figuresOf(() => {})).toEqual([]);
});

test.each<[string, string, (facts: Facts) => void]>([
  ['a run that is gone', 'lost runs', (facts) => Object.assign(facts, { runs: [] })],
  ['a run that never ends', 'lost runs', (facts) => Object.assign(facts.runs[0] ?? {}, { status: 'running' })],
  ['two runs of one key', 'double applies', ({ runs }) => runs.push(...runs.map((run) => ({ ...run, id: 'run-2' })))],
  ['two effects', 'double applies', ({ effects }) => effects.push(...effects.map((effect) => ({ ...effect })))],
  ['an applied without effect', 'false successes', ({ effects }) => effects.splice(0)],
  [
    'an applied whose Terraform had to fail',
    'false successes',
    ({ commits }) => commits.set('c', { 'target-1': { version: 'v1', mode: 'fail' } }),
  ],
  [
    'an answer that says otherwise',
    'false successes',
    (facts) => Object.assign(facts.results[0] ?? {}, { status: 500 }),
  ],
  ['a lock that stays', 'locks left for ever', ({ locksLeft }) => locksLeft.push('chaos/infra/target-1/default/')],
  [
    'an effect of a canceled execution',
    'other broken promises',
    (facts) => Object.assign(facts.executions[0] ?? {}, { state: 'canceled' }),
  ],
  [
    'an end that changed',
    'other broken promises',
    ({ history }) => history.push({ executionId: 'exe-1', runId: 'run-1', state: 'canceled', lockState: 'none' }),
  ],
  [
    'two that have one lock',
    'other broken promises',
    ({ history, executions }) => {
      executions.push({
        id: 'exe-2',
        runId: 'run-1',
        directory: 'target-1',
        state: 'canceled',
        lockState: 'none',
        problem: '',
      });
      history.splice(2, 0, { executionId: 'exe-2', runId: 'run-1', state: 'leased', lockState: 'held' });
    },
  ],
  ['a line that is missing', 'other broken promises', (facts) => Object.assign(facts.logChunks[0] ?? {}, { first: 2 })],
  ['a line that comes twice', 'other broken promises', (facts) => facts.streams[0]?.numbers.push(2)],
  ['a process that is left', 'other broken promises', ({ leftovers }) => leftovers.push('process 7: terraform apply')],
])('%s is found', (_, figure, spoil) => {
  expect(figuresOf(spoil)).toContain(figure);
});

test('a takeover counts from the fault to the start elsewhere, only when the lease told of it', () => {
  const fault = { target: 'runs-1', hostId: 'a', at: 1_000, undoneAt: 9_000 };
  const before = { executionId: 'exe-1', at: 900, state: 'planning', owner: 'a', epoch: 1 };
  const queued = { executionId: 'exe-1', at: 6_000, state: 'queued', owner: null, epoch: 1 };
  const started = { executionId: 'exe-1', at: 6_500, state: 'leased', owner: 'b', epoch: 2 };
  expect(takeoverTimes([fault], [before, queued, started])).toEqual([{ ms: 5_500, disturbed: false }]);
  const away = { target: 'postgres', at: 3_000, undoneAt: 4_000 };
  expect(takeoverTimes([fault, away], [before, queued, started])).toEqual([{ ms: 5_500, disturbed: true }]);
  expect(takeoverTimes([{ ...fault, undoneAt: 5_000 }], [before, queued, started])).toEqual([]);
  expect(takeoverTimes([{ ...fault, hostId: 'b' }], [before, queued, started])).toEqual([]);
});
