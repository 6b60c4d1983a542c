// One repository in two spellings is one: what callers see of a pull request and of the run that acts for it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Lock, type LockHolder, type LockKey, locks } from '@terramesh/contracts';
import { keyOf, pull, type RunningLocks, run, startLocks } from './running-locks.js';

let running: RunningLocks;
beforeAll(async () => {
  running = await startLocks();
  await running.addReplica();
});
afterAll(() => running.stop());

const acquire = async (holder: LockHolder, ...keys: LockKey[]) => {
  const { decisions } = await running.mesh.call(locks.acquire, { holder, keys });
  return decisions.map((decision) => (decision.decision === 'granted' ? decision.fence : Number.NaN));
};
const find = (name: string) => running.mesh.call(locks.find, { name });
const remove = (name: string) => running.mesh.call(locks.delete, { name });

/** All held locks, read in pages of this size. */
const pages = async (limit: number): Promise<Lock[][]> => {
  const read: Lock[][] = [];
  for (let after: string | null = null; ; ) {
    const page: { locks: Lock[]; next: string | null } = await running.mesh.call(locks.list, { after, limit });
    read.push(page.locks);
    if (page.next === null) return read;
    after = page.next;
  }
};

afterEach(async () => {
  for (const { name } of (await pages(1000)).flat()) await remove(name);
});

describe.each([
  ['Acme/Infra', 'acme/infra'],
  ['acme/infra', 'Acme/Infra'],
])('a pull request of %s and its run of %s', (ofPull, ofRun) => {
  const spelled = (repository: string) => (directory: string) => keyOf(directory, { repository });
  const [pullKey, runKey] = [spelled(ofPull), spelled(ofRun)];
  const between = ['B/x', 'acme/a', 'acme/z'].map((repository) => keyOf('.', { repository }));
  const name = (repository: string, directory = 'x') => `${repository}/${directory}/default/`;
  let runFence: number | undefined;

  const hold = async () => {
    await acquire(pull(5), pullKey('x'), pullKey('y'));
    [runFence] = await acquire(run('a', 5), runKey('x'), runKey('y'));
    await acquire(run('other'), ...between);
  };

  test.each([1, 2, 3, 1000])('are listed as one lock in its place, in pages of %d', async (limit) => {
    await hold();
    const read = await pages(limit);
    const names = ['B/x', 'acme/a', 'acme/z'].map((repository) => name(repository, '.'));
    expect(read.flat().map((lock) => lock.name)).toEqual([...names, name(ofPull), name(ofPull, 'y')].sort());
    for (const page of read) expect(page.length).toBeLessThanOrEqual(limit);
    expect(read.flat().find((lock) => lock.name === name(ofPull))).toMatchObject({ holder: pull(5) });
  });

  test('are one lock under either name, with the guard of the run, and are deleted together', async () => {
    await hold();
    const fence = runFence ?? Number.NaN;
    await running.mesh.call(locks.guard, { holder: run('a', 5), key: runKey('x'), fence, guard: 'outcome_unknown' });
    const lock = (await pages(1)).flat().find((each) => each.name === name(ofPull));
    expect(lock).toMatchObject({ holder: pull(5), key: pullKey('x'), guard: 'outcome_unknown' });
    for (const spelling of [ofPull, ofRun]) expect(await find(name(spelling))).toEqual(lock);
    expect(await remove(name(ofRun))).toEqual(lock);
    for (const spelling of [ofPull, ofRun]) {
      await expect(find(name(spelling))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});
