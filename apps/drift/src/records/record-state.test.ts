import { describe, expect, test } from '@jest/globals';
import type { DriftCounts } from '@terramesh/contracts';
import { afterLook, type Checked, type CheckFailed, type Look, neverSeen, type RecordState } from './record-state.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const counts = (toChange: number): DriftCounts => {
  return { toAdd: 0, toChange, toDestroy: 0, toImport: 0, changesOutside: false, summary: '', hasDrift: toChange > 0 };
};
const calm = (second: number, kind: Checked['kind'] = 'checked'): Checked => ({
  kind,
  at: at(second),
  runId: `run-${second}`,
  commit: 'c',
  counts: counts(0),
  changes: [],
  truncated: false,
  rawFingerprint: null,
  fingerprint: null,
});
const drift = (second: number, fingerprint = 'F'): Checked => {
  return { ...calm(second), counts: counts(1), rawFingerprint: `raw ${fingerprint}`, fingerprint };
};
const failed = (second: number, error = 'away'): CheckFailed => {
  return { kind: 'failed', at: at(second), runId: `run-${second}`, error };
};
/** The state after all looks, with everything that the history got. */
function after(...looks: Look[]): { state: RecordState; history: string[] } {
  const history: string[] = [];
  let state = neverSeen;
  for (const look of looks) {
    const step = afterLook(state, look);
    state = step.state;
    history.push(...step.entries.map(({ kind }) => kind));
  }
  return { state, history };
}

describe('what a look makes of a target', () => {
  test.each<[string, Look[], RecordState['status'], string[]]>([
    ['never drifted', [calm(1)], 'in_sync', []],
    ['drifts', [calm(1), drift(2)], 'new', ['found']],
    ['drifts from the first look on', [drift(1)], 'new', ['found']],
    ['still drifts', [drift(1), drift(2)], 'known', ['found']],
    ['drifts in another way', [drift(1), drift(2, 'G')], 'changed', ['found', 'changed']],
    ['was put right', [drift(1), calm(2)], 'resolved', ['found', 'resolved']],
    ['was put right by us', [drift(1), calm(2, 'applied')], 'resolved', ['found', 'applied']],
    ['stays right', [drift(1), calm(2), calm(3)], 'in_sync', ['found', 'resolved']],
    ['drifts again', [drift(1), calm(2), drift(3)], 'new', ['found', 'resolved', 'found']],
    ['could never be looked at', [failed(1)], 'unchecked', ['failed']],
    ['could not be looked at', [drift(1), failed(2)], 'new', ['found', 'failed']],
    ['fails twice for one reason', [failed(1), failed(2)], 'unchecked', ['failed']],
    ['fails for another reason', [failed(1), failed(2, 'locked')], 'unchecked', ['failed', 'failed']],
    ['can be looked at again', [drift(1), failed(2), drift(3)], 'known', ['found', 'failed', 'recovered']],
  ])('%s', (_what, looks, status, history) => {
    const seen = after(...looks);
    expect([seen.state.status, seen.history]).toEqual([status, history]);
  });

  test('drift is known since it was first seen, and begins anew after it was resolved', () => {
    const { state } = after(drift(1), drift(2, 'G'), failed(3), drift(4));
    expect(state).toMatchObject({ firstSeenAt: at(1), lastSeenAt: at(4), resolvedAt: null, lastCheckedAt: at(4) });
    expect(after(drift(1), calm(2), drift(3)).state).toMatchObject({ firstSeenAt: at(3), resolvedAt: null });
    expect(after(drift(1), calm(2), calm(3)).state).toMatchObject({ firstSeenAt: at(1), resolvedAt: at(2) });
  });

  test('a failure keeps everything that was known', () => {
    const known = after(drift(1)).state;
    const { state } = afterLook(known, failed(2));
    expect(state).toEqual({ ...known, changes: undefined, error: 'away', failingSince: at(2), lastFailedAt: at(2) });
  });
});

describe('looks that come late', () => {
  const known = after(calm(5), drift(10), failed(20)).state;

  test.each([
    ['an older look', drift(9, 'G')],
    ['the same look again', drift(10)],
    ['an older failure', failed(19, 'x')],
    ['the same failure', failed(20)],
    ['a failure before the newest look', failed(8)],
  ])('%s changes nothing', (_what, look) => {
    expect(afterLook(known, look)).toEqual({ state: known, entries: [] });
    expect(afterLook(known, look).state).toBe(known);
  });

  test('a look between what is known and a newer failure is new knowledge, and the failure stays', () => {
    const { state } = afterLook(known, calm(15));
    expect(state).toMatchObject({ status: 'resolved', lastCheckedAt: at(15), error: 'away', lastFailedAt: at(20) });
  });
});

test('a target that is gone comes back with a look after that, not with one before', () => {
  const gone = { ...after(drift(1)).state, goneAt: at(5) };
  expect(afterLook(gone, drift(4)).state.goneAt).toEqual(at(5));
  const back = afterLook(gone, drift(6));
  expect([back.state.goneAt, back.entries.map(({ kind }) => kind)]).toEqual([null, ['returned']]);
});
