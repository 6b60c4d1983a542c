import { describe, expect, test } from '@jest/globals';
import { decideTurn, isSameProblem, nextTurn } from './decide-turn.js';

const timing = { cadence: { kind: 'interval' as const, seconds: 60 }, jitterSeconds: 0, place: 0 };
const dueAt = Date.parse('2026-11-23T10:00:00Z');
const minute = 60_000;
const turn = { timing, dueAt, now: dueAt + 400, graceMs: minute, before: 'over' as const, failures: 0 };

describe('a turn', () => {
  test('that is due is started, and the next one follows it', () => {
    expect(decideTurn(turn)).toEqual({ action: 'start', missed: 0, nextRunAt: dueAt + minute });
  });

  test('is skipped while the detection before it runs', () => {
    expect(decideTurn({ ...turn, before: 'running' })).toMatchObject({ action: 'skip', missed: 0 });
  });

  test('that is late within the grace is not missed, and hides no other', () => {
    expect(decideTurn({ ...turn, now: dueAt + minute })).toEqual({
      action: 'start',
      missed: 0,
      nextRunAt: dueAt + minute,
    });
  });

  test('that nobody took is missed with all that followed, and made up for once', () => {
    expect(decideTurn({ ...turn, now: dueAt + 10.5 * minute })).toEqual({
      action: 'start',
      missed: 11,
      nextRunAt: dueAt + 11 * minute,
    });
  });

  test('that was missed a year ago is counted no further than the bound', () => {
    expect(decideTurn({ ...turn, now: dueAt + 500_000 * minute }).missed).toBe(1000);
  });

  test('comes later after failures, up to an hour, and never stops coming', () => {
    const waits = [0, 1, 2, 3, 6, 7, 50].map(
      (failures) => (nextTurn({ timing, after: dueAt, failures }) - dueAt) / minute,
    );
    expect(waits).toEqual([1, 2, 3, 5, 33, 61, 61]);
  });
});

test('a problem is the same when only numbers and ids differ', () => {
  expect(isSameProblem('run run-abc123 failed: exit 1', 'run run-xyz789 failed: exit 2')).toBe(true);
  expect(isSameProblem('cannot be cloned', 'may not be used')).toBe(false);
  expect(isSameProblem(null, 'may not be used')).toBe(false);
});
