import { expect, test } from '@jest/globals';
import { findBrokenDrift } from './drift-checks.mjs';

/** One detection found drift, and one remediation put it right. */
function soundFacts() {
  const answers = (id: string) => [{ status: 202, id, text: '' }];
  return {
    runs: [
      { id: 'run-1', key: 'detection:det-1' },
      { id: 'run-2', key: 'remediation:rem-1' },
    ],
    executions: [
      { id: 'exe-1', runId: 'run-1', directory: 'drift-1', state: 'planned' },
      { id: 'exe-2', runId: 'run-2', directory: 'drift-1', state: 'applied' },
    ],
    drift: {
      requests: [
        { kind: 'detect', key: 'k1', id: 'det-1', answers: answers('det-1') },
        { kind: 'remediate', key: 'k2', id: 'rem-1', answers: answers('rem-1') },
      ],
      detections: [{ id: 'det-1', status: 'success', runId: 'run-1', key: 'k1', scheduleId: null, failed: 0 }],
      detected: [{ id: 'det-1', directory: 'drift-1', hasDrift: true, error: null as string | null }],
      remediations: [
        { id: 'rem-1', origin: 'user', action: 'apply', status: 'success', runId: 'run-2', key: 'k2', told: 1 },
      ],
      remediated: [{ id: 'rem-1', directory: 'drift-1', part: 'asked', status: 'success', applied: 'yes' }],
      claims: [] as { claim: string; id: string }[],
      records: [{ directory: 'drift-1', ref: 'world', hasDrift: false, runId: 'run-2', checkedAt: 2 }],
      looks: [
        { runId: 'run-1', directory: 'drift-1', ref: 'world', state: 'planned', at: 1 },
        { runId: 'run-2', directory: 'drift-1', ref: 'world', state: 'applied', at: 2 },
      ],
      proof: [] as string[],
    },
  };
}

type Facts = ReturnType<typeof soundFacts>;

function figuresOf(spoil: (facts: Facts) => void): string[] {
  const facts = soundFacts();
  spoil(facts);
  return findBrokenDrift(facts).map(({ figure }: { figure: string }) => figure);
}

const change = (row: object | undefined, to: object) => void Object.assign(row ?? {}, to);

test('drift that was found and put right has nothing broken', () => {
  expect(figuresOf(() => {})).toEqual([]);
});

test.each<[string, string, (facts: Facts) => void]>([
  ['a detection that is gone', 'lost runs', ({ drift }) => drift.detections.splice(0)],
  ['a remediation that never ends', 'lost runs', ({ drift }) => change(drift.remediations[0], { status: 'running' })],
  ['two runs of one remediation', 'double applies', ({ runs }) => runs.push({ id: 'run-3', key: 'remediation:rem-1' })],
  [
    'two remediations of one key',
    'double applies',
    ({ drift }) => drift.requests[1]?.answers.push({ status: 202, id: 'rem-2', text: '' }),
  ],
  ['a success that was none', 'false successes', ({ executions }) => change(executions[1], { state: 'apply_failed' })],
  [
    'an unknown outcome that is called known',
    'other broken promises',
    ({ executions, drift }) => {
      change(executions[1], { state: 'outcome_unknown' });
      change(drift.remediated[0], { status: 'failed', applied: 'no' });
      change(drift.remediations[0], { status: 'failed' });
    },
  ],
  ['no drift where there is some', 'false successes', ({ drift }) => change(drift.detected[0], { hasDrift: false })],
  ['a failure called success', 'false successes', ({ drift }) => change(drift.detections[0], { failed: 1 })],
  ['an older look that won', 'other broken promises', ({ drift }) => change(drift.records[0], { runId: 'run-1' })],
  ['a look without a record', 'other broken promises', ({ drift }) => drift.records.splice(0)],
  [
    'a target that stays claimed',
    'other broken promises',
    ({ drift }) => drift.claims.push({ claim: 'c', id: 'rem-1' }),
  ],
  ['an end that was told twice', 'other broken promises', ({ drift }) => change(drift.remediations[0], { told: 2 })],
  ['an end that was not told', 'other broken promises', ({ drift }) => change(drift.remediations[0], { told: 0 })],
  ['drift that is not found at the end', 'other broken promises', ({ drift }) => drift.proof.push('not found')],
])('%s is found', (_, figure, spoil) => {
  expect(figuresOf(spoil)).toContain(figure);
});
