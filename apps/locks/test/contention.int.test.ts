// Many runs, two replicas, one database: what must hold when everything happens at once.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LockDecision, type LockHolder, type LockKey, locks } from '@terramesh/contracts';
import { keyOf, type RunningLocks, run, startLocks } from './running-locks.js';

let running: RunningLocks;
beforeAll(async () => {
  running = await startLocks();
  await Promise.all([running.addReplica(), running.addReplica()]);
});
afterAll(() => running.stop());

const acquire = async (holder: LockHolder, keys: LockKey[]): Promise<LockDecision[]> =>
  (await running.mesh.call(locks.acquire, { holder, keys }, { timeoutMs: 50_000 })).decisions;
const release = (holder: LockHolder, keys: LockKey[]) =>
  running.mesh.call(locks.release, { holder, keys }, { timeoutMs: 50_000 });
const isGranted = ({ decision }: LockDecision) => decision === 'granted';

describe('under contention', () => {
  test('runs that want the same keys in any order take turns: one holds a key, fences rise, all finish', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => keyOf(`contended-${index}`));
    const holding = new Map<string, string>();
    const fences = new Map<string, number[]>();
    const finish = async (index: number) => {
      const me = run(`run-${index}`);
      // Every run wants half of the keys; neighbours want them in opposite order.
      const mine = keys.filter((_, at) => (at + index) % 2 === 0 || at % 3 === index % 3);
      if (index % 2 === 1) mine.reverse();
      for (;;) {
        const decisions = await acquire(me, mine);
        for (const decision of decisions) {
          if (decision.decision === 'refused') throw new Error('refused');
        }
        if (!decisions.every(isGranted)) continue;
        for (const decision of decisions) {
          if (decision.decision !== 'granted') continue;
          const { directory } = decision.key;
          expect(holding.get(directory)).toBeUndefined();
          holding.set(directory, `run-${index}`);
          fences.set(directory, [...(fences.get(directory) ?? []), decision.fence]);
        }
        for (const { directory } of mine) holding.delete(directory);
        expect(await release(me, mine)).toEqual({ released: mine.length });
        return;
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => finish(index)));
    for (const each of fences.values()) expect(each).toEqual([...new Set(each)].sort((a, b) => a - b));
    expect((await running.mesh.call(locks.list, {})).locks).toEqual([]);
  });

  test('runs that ask at once for the same thousand keys: one gets all, the others wait behind it', async () => {
    const keys = Array.from({ length: 1000 }, (_, index) => keyOf(`many-${index}`));
    const runners = Array.from({ length: 5 }, (_, index) => run(`many-${index}`));
    const answers = await Promise.all(runners.map((holder) => acquire(holder, keys)));
    const winners = answers.filter((decisions) => decisions.every(isGranted));
    expect(winners).toHaveLength(1);
    expect(answers.filter((decisions) => decisions.some(isGranted))).toHaveLength(1);
    await Promise.all(runners.map((holder) => release(holder, keys)));
    expect((await running.mesh.call(locks.list, {})).locks).toEqual([]);
  });

  test('the same call sent many times at once takes each lock once', async () => {
    const keys = [keyOf('twice-a'), keyOf('twice-b')];
    const answers = await Promise.all(Array.from({ length: 30 }, () => acquire(run('twice'), keys)));
    expect(new Set(answers.map((decisions) => JSON.stringify(decisions))).size).toBe(1);
    expect(await release(run('twice'), keys)).toEqual({ released: 2 });
  });
});
