import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Controller, type INestMicroservice } from '@nestjs/common';
import {
  AppError,
  type HandlerResult,
  type LockGuard,
  type LockHolder,
  type LockKey,
  locks,
  type ParsedInput,
  runs,
} from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { SweepLocks } from '../src/sweep-locks.js';
import { keyOf, pull, type RunningLocks, run, startLocks } from './running-locks.js';

type Needs = HandlerResult<typeof runs.neededLocks>['runs'][number];

/** What apps/runs knows; a run that is not here is unknown to it. */
const known = new Map<string, Needs>();
const answers = { down: false, asked: [] as string[][] };

@Controller()
class KnownRuns {
  @Serve(runs.neededLocks)
  neededLocks({ runIds }: ParsedInput<typeof runs.neededLocks>): HandlerResult<typeof runs.neededLocks> {
    answers.asked.push(runIds);
    if (answers.down) throw new AppError('UNAVAILABLE', 'down');
    return { runs: runIds.map((runId) => known.get(runId) ?? { runId, state: 'unknown' }) };
  }
}

let running: RunningLocks;
let replicas: INestMicroservice[];
beforeAll(async () => {
  running = await startLocks();
  replicas = [await running.addReplica(), await running.addReplica()];
  await running.addService('runs', KnownRuns);
});
afterAll(() => running.stop());
beforeEach(async () => {
  known.clear();
  for (const { name } of (await running.mesh.call(locks.list, {})).locks)
    await running.mesh.call(locks.delete, { name });
  answers.down = false;
  answers.asked = [];
});

const sweep = async (options: { graceMs: number; signal?: AbortSignal } = { graceMs: 0 }) => {
  const [first] = replicas;
  if (first === undefined) throw new Error('no replica');
  return first.get(SweepLocks, { strict: false }).sweepOnce(options);
};
const acquire = async (holder: LockHolder, keys: LockKey[]) =>
  (await running.mesh.call(locks.acquire, { holder, keys })).decisions;
const hold = async (runId: string, directory: string, guard: LockGuard = 'none') => {
  const [decision] = await acquire(run(runId), [keyOf(directory)]);
  if (decision?.decision !== 'granted') throw new Error('not granted');
  if (guard === 'none') return;
  await running.mesh.call(locks.guard, { holder: run(runId), key: keyOf(directory), fence: decision.fence, guard });
};
const held = async () => {
  const { locks: all } = await running.mesh.call(locks.list, {});
  return all.map(({ key, guard }) => `${key.directory} ${guard}`);
};

describe('the sweeper', () => {
  test('frees the locks of a finished run that it does not need, and the next in line gets them', async () => {
    await hold('done', 'a');
    await hold('done', 'b', 'outcome_unknown');
    await hold('done', 'c', 'applying');
    await acquire(run('next'), [keyOf('a')]);
    known.set('done', { runId: 'done', state: 'finished', needed: [keyOf('b')] });
    known.set('next', { runId: 'next', state: 'live' });
    expect(await sweep()).toEqual({ freed: 2, markedUnknown: 0, complete: true });
    expect(await held()).toEqual(['a none', 'b outcome_unknown']);
    expect(await acquire(run('next'), [keyOf('a')])).toMatchObject([{ decision: 'granted' }]);
  });

  test('frees the locks of a run that nobody knows; its live apply becomes an unknown outcome and stays', async () => {
    await hold('ghost', 'a');
    await hold('ghost', 'b', 'applying');
    expect(await sweep()).toEqual({ freed: 1, markedUnknown: 1, complete: true });
    expect(await sweep()).toEqual({ freed: 0, markedUnknown: 0, complete: true });
    expect(await held()).toEqual(['b outcome_unknown']);
  });

  test('takes a finished run out of the lines it waits in', async () => {
    await acquire(pull(7), [keyOf('a')]);
    await hold('live', 'b');
    await acquire(run('done'), [keyOf('b')]);
    known.set('live', { runId: 'live', state: 'live' });
    known.set('done', { runId: 'done', state: 'finished', needed: [] });
    expect(await sweep()).toMatchObject({ freed: 1 });
    await running.mesh.call(locks.release, { holder: run('live'), keys: [keyOf('b')] });
    expect(await held()).toEqual(['a none']);
  });

  test('frees nothing when runs does not answer', async () => {
    await hold('done', 'a');
    answers.down = true;
    expect(await sweep({ graceMs: 0, signal: AbortSignal.timeout(300) })).toEqual({
      freed: 0,
      markedUnknown: 0,
      complete: false,
    });
    expect(await held()).toEqual(['a none']);
  });

  test('does not ask about claims younger than the grace', async () => {
    await hold('done', 'a');
    await sweep({ graceMs: 60_000 });
    expect(answers.asked).toEqual([]);
    expect(await held()).toEqual(['a none']);
  });

  test('asks in batches that runs accepts, and does no harm when several sweep at once', async () => {
    await Promise.all(Array.from({ length: 450 }, (_, index) => acquire(run(`run-${index}`), [keyOf(`d${index}`)])));
    for (let index = 0; index < 450; index += 2) {
      known.set(`run-${index}`, { runId: `run-${index}`, state: 'live' });
    }
    const swept = await Promise.all(
      replicas.map((replica) => replica.get(SweepLocks, { strict: false }).sweepOnce({ graceMs: 0 })),
    );
    expect(swept.reduce((sum, { freed }) => sum + freed, 0)).toBe(225);
    expect(Math.max(...answers.asked.map((runIds) => runIds.length))).toBe(200);
    expect(await held()).toHaveLength(225);
  });
});
