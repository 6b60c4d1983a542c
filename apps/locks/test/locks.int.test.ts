import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { type EventPayload, type LockHolder, type LockKey, lockEvents, locks } from '@terramesh/contracts';
import { Subscribe } from '@terramesh/mesh';
import { until } from '@terramesh/testing';
import { keyOf, pull, type RunningLocks, run, startLocks } from './running-locks.js';

let running: RunningLocks;
const heard: { changed: string[]; deleted: EventPayload<typeof lockEvents.deleted>[] } = { changed: [], deleted: [] };

@Controller()
class Listener {
  @Subscribe(lockEvents.changed)
  onChanged({ runIds }: EventPayload<typeof lockEvents.changed>) {
    heard.changed.push(...runIds);
  }

  @Subscribe(lockEvents.deleted)
  onDeleted(event: EventPayload<typeof lockEvents.deleted>) {
    heard.deleted.push(event);
  }
}

beforeAll(async () => {
  running = await startLocks();
  await running.addReplica();
  await running.addReplica();
  await running.addService('listener', Listener);
});
afterAll(() => running.stop());

/** Every test has a repository to itself. */
let repository = '';
let count = 0;
const key = (directory: string, more: Partial<LockKey> = {}) => keyOf(directory, { repository, ...more });
beforeEach(() => {
  count += 1;
  repository = `acme/infra-${String(count).padStart(3, '0')}`;
  heard.changed = [];
  heard.deleted = [];
});

const acquire = async (holder: LockHolder, keys: LockKey[], policy: 'each' | 'all' = 'each') => {
  const { decisions } = await running.mesh.call(locks.acquire, { holder, keys, policy });
  return decisions;
};
const release = (holder: LockHolder, keys: LockKey[]) => running.mesh.call(locks.release, { holder, keys });
const grant = async (holder: LockHolder, on: LockKey) => {
  const [decision] = await acquire(holder, [on]);
  if (decision?.decision !== 'granted') throw new Error(`not granted: ${JSON.stringify(decision)}`);
  return decision.fence;
};
const guard = (holder: LockHolder, on: LockKey, fence: number, value: 'none' | 'applying' | 'outcome_unknown') =>
  running.mesh.call(locks.guard, { holder, key: on, fence, guard: value });
const rejectsWith = (code: string) => expect.objectContaining({ code });

describe('acquire and release', () => {
  test('a free key is granted, the same holder gets the same fence, the next holder a higher one', async () => {
    const fence = await grant(run('a'), key('.'));
    expect(await grant(run('a'), key('.'))).toBe(fence);
    expect(await release(run('a'), [key('.')])).toEqual({ released: 1 });
    expect(await grant(run('b'), key('.'))).toBeGreaterThan(fence);
  });

  test('who waits is told so, gets the lock when the holder releases, and hears the bell', async () => {
    const fence = await grant(run('a'), key('.'));
    const waiting = { decision: 'waiting', key: key('.'), behind: run('a'), guard: 'none' };
    expect(await acquire(run('b'), [key('.')])).toEqual([waiting]);
    expect(await acquire(run('c'), [key('.')])).toEqual([waiting]);
    await release(run('a'), [key('.')]);
    await until(() => heard.changed.includes('b'), { describe: 'the bell for b' });
    expect(heard.changed).not.toContain('c');
    expect(await running.mesh.call(locks.find, { name: `${repository}/./default/` })).toMatchObject({
      holder: run('b'),
      waiting: [run('c')],
    });
    expect(await grant(run('b'), key('.'))).toBeGreaterThan(fence);
    expect(await acquire(run('c'), [key('.')])).toEqual([{ ...waiting, behind: run('b') }]);
  });

  test('a release takes only what this holder has on these keys', async () => {
    await acquire(run('a'), [key('x'), key('y')]);
    await acquire(run('b'), [key('x')]);
    expect(await release(run('b'), [key('x'), key('y')])).toEqual({ released: 1 });
    expect(await release(run('a'), [key('x'), key('unknown')])).toEqual({ released: 1 });
    expect(await acquire(run('a'), [key('y')])).toMatchObject([{ decision: 'granted' }]);
    expect(await release(run('a'), [key('x')])).toEqual({ released: 0 });
  });

  test('a pull request keeps its lock, lets its own runs in one by one and refuses others', async () => {
    await grant(pull(5), key('.'));
    await grant(run('a', 5), key('.'));
    expect(await acquire(run('b', 5), [key('.')])).toMatchObject([{ decision: 'waiting', behind: run('a', 5) }]);
    expect(await acquire(run('c', 6), [key('.')])).toMatchObject([{ decision: 'refused', by: pull(5) }]);
    await release(run('a', 5), [key('.')]);
    await grant(run('b', 5), key('.'));
    await release(run('b', 5), [key('.')]);
    expect(await acquire(run('c', 6), [key('.')])).toMatchObject([{ decision: 'refused', by: pull(5) }]);
  });

  test('a run that is sent out of the line by a pull request hears the bell and is refused', async () => {
    await grant(run('a', 5), key('.'));
    await acquire(run('b'), [key('.')]);
    await grant(pull(5), key('.'));
    await until(() => heard.changed.includes('b'), { describe: 'the bell for b' });
    expect(await acquire(run('b'), [key('.')])).toMatchObject([{ decision: 'refused', by: pull(5) }]);
  });

  test('policy all takes nothing when one key is refused', async () => {
    await grant(pull(5), key('b'));
    expect(await acquire(run('a'), [key('a'), key('b')], 'all')).toMatchObject([
      { decision: 'withheld', because: key('b'), by: pull(5) },
      { decision: 'refused' },
    ]);
    expect(await acquire(run('z'), [key('a')])).toMatchObject([{ decision: 'granted' }]);
  });

  test('two ways to write a repository are one lock', async () => {
    await grant(run('a'), key('.'));
    const shouted = key('.', { repository: repository.toUpperCase(), hostname: 'GITHUB.com' });
    expect(await acquire(run('b'), [shouted])).toMatchObject([{ decision: 'waiting', key: shouted }]);
  });

  test('a run that adds keys later is refused where it would wait for a run that waits for it', async () => {
    await grant(run('a'), key('a'));
    await grant(run('b'), key('b'));
    await acquire(run('b'), [key('a')]);
    await acquire(run('c'), [key('b')]);
    expect(await acquire(run('a'), [key('b')])).toEqual([{ decision: 'refused', key: key('b'), by: run('b') }]);
  });

  test.each([
    ['a NUL', { directory: 'a\u0000b' }],
    ['half a character', { directory: 'a\ud800b' }],
    ['a name that is too long', { directory: 'é'.repeat(1024) }],
  ])('a key with %s is INVALID', async (_what, more) => {
    await expect(acquire(run('a'), [key('.', more)])).rejects.toEqual(rejectsWith('INVALID'));
  });
});

describe('guard and takeOver', () => {
  test('the holder guards its lock; another holder or an older fence is a CONFLICT', async () => {
    const fence = await grant(run('a'), key('.'));
    expect(await guard(run('a'), key('.'), fence, 'applying')).toEqual({ guard: 'applying' });
    expect(await guard(run('a'), key('.'), fence, 'applying')).toEqual({ guard: 'applying' });
    expect(await acquire(run('b'), [key('.')])).toMatchObject([{ decision: 'waiting', guard: 'applying' }]);
    await expect(guard(run('a'), key('.'), fence - 1, 'none')).rejects.toEqual(rejectsWith('CONFLICT'));
    await expect(guard(run('b'), key('.'), fence, 'none')).rejects.toEqual(rejectsWith('CONFLICT'));
    await expect(guard(pull(5), key('.'), fence, 'none')).rejects.toEqual(rejectsWith('CONFLICT'));
  });

  test('the front of the line takes over an unknown outcome; the old holder has lost it', async () => {
    const fence = await grant(run('a'), key('.'));
    await acquire(run('b'), [key('.')]);
    await acquire(run('c'), [key('.')]);
    const takeOver = (holder: LockHolder) => running.mesh.call(locks.takeOver, { holder, key: key('.') });
    await expect(takeOver(run('b'))).rejects.toEqual(rejectsWith('CONFLICT'));
    await guard(run('a'), key('.'), fence, 'outcome_unknown');
    await until(() => heard.changed.includes('b'), { describe: 'the bell for the next in line' });
    await expect(takeOver(run('c'))).rejects.toEqual(rejectsWith('CONFLICT'));
    const taken = await takeOver(run('b'));
    expect(taken.from).toEqual(run('a'));
    expect(taken.fence).toBeGreaterThan(fence);
    await expect(guard(run('a'), key('.'), fence, 'applying')).rejects.toEqual(rejectsWith('CONFLICT'));
    expect(await grant(run('b'), key('.'))).toBe(taken.fence);
  });
});

describe('list, find and delete', () => {
  test('a lock is found by its name, with who waits', async () => {
    const since = Date.now();
    await running.mesh.call(locks.acquire, {
      holder: run('a', 5),
      keys: [key('network', { name: 'net' })],
      user: 'ada',
      url: 'https://github.com/pull/5',
      reason: 'plan',
    });
    await acquire(run('b'), [key('network', { name: 'net' })]);
    const name = `${repository}/network/default/net`;
    const lock = await running.mesh.call(locks.find, { name });
    expect(lock).toMatchObject({
      key: key('network', { name: 'net' }),
      name,
      holder: run('a', 5),
      guard: 'none',
      user: 'ada',
      url: 'https://github.com/pull/5',
      reason: 'plan',
      waiting: [run('b')],
    });
    expect(Math.abs(Date.parse(lock.since) - since)).toBeLessThan(60_000);
    expect(await running.mesh.call(locks.find, { name: `github.com/${name}` })).toEqual(lock);
  });

  test('a name that nothing has is NOT_FOUND, one of two hosts a CONFLICT that says how to go on', async () => {
    const find = (name: string) => running.mesh.call(locks.find, { name });
    await expect(find(`${repository}/none/default/`)).rejects.toEqual(rejectsWith('NOT_FOUND'));
    await expect(find('a\u0000b')).rejects.toEqual(rejectsWith('NOT_FOUND'));
    await acquire(run('a'), [key('.'), key('.', { hostname: 'gitlab.com' })]);
    const name = `${repository}/./default/`;
    await expect(find(name)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`gitlab.com/${name}`),
    });
    expect((await find(`gitlab.com/${name}`)).key.hostname).toBe('gitlab.com');
  });

  test('pages go through all held locks in the order of their names, each once, twins of two hosts together', async () => {
    const names = ['A', 'a', 'a/b', 'b', 'é', 'z'];
    const keys = [...names.map((name) => key(name)), key('b', { hostname: 'gitlab.com' })];
    await acquire(run('a'), keys);
    await acquire(run('b'), [key('b')]);
    const seen: string[] = [];
    for (let after: string | null = `${repository}/`; after !== null; ) {
      const page: { locks: { name: string }[]; next: string | null } = await running.mesh.call(locks.list, {
        after,
        limit: 2,
      });
      seen.push(...page.locks.map(({ name }) => name));
      after = page.next;
    }
    const own = seen.filter((name) => name.startsWith(`${repository}/`));
    expect(own).toEqual([...names, 'b'].map((name) => `${repository}/${name}/default/`).sort());
  });

  test('deleting gives the lock to the next in line and tells who lost it, once it is committed', async () => {
    await grant(run('a'), key('.'));
    await acquire(run('b'), [key('.')]);
    const deleted = await running.mesh.call(locks.delete, { name: `${repository}/./default/` });
    expect(deleted).toMatchObject({ holder: run('a'), key: key('.') });
    await grant(run('b'), key('.'));
    await until(() => heard.deleted.length > 0 && heard.changed.includes('b'), { describe: 'the events' });
    expect(heard.deleted).toMatchObject([{ holder: run('a'), key: key('.') }]);
    await expect(running.mesh.call(locks.delete, { name: `${repository}/nothing` })).rejects.toEqual(
      rejectsWith('NOT_FOUND'),
    );
  });

  test('a lock with a live apply cannot be deleted, one of unknown outcome can', async () => {
    const name = `${repository}/./default/`;
    const fence = await grant(run('run-1'), key('.'));
    await guard(run('run-1'), key('.'), fence, 'applying');
    await expect(running.mesh.call(locks.delete, { name })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `run run-1 is applying ${name}; its lock can be deleted when the apply has ended`,
    });
    expect(heard.deleted).toEqual([]);
    await guard(run('run-1'), key('.'), fence, 'outcome_unknown');
    expect(await running.mesh.call(locks.delete, { name })).toMatchObject({ guard: 'outcome_unknown' });
  });
});

describe('the global apply lock', () => {
  test('keeps its first time until it is cleared', async () => {
    const set = (state: 'locked' | 'unlocked') => running.mesh.call(locks.setApplyLock, { state });
    expect(await running.mesh.call(locks.getApplyLock, {})).toEqual({ since: null });
    const first = await set('locked');
    expect(await set('locked')).toEqual(first);
    expect(await running.mesh.call(locks.getApplyLock, {})).toEqual(first);
    expect(await set('unlocked')).toEqual({ since: null });
    expect(await running.mesh.call(locks.getApplyLock, {})).toEqual({ since: null });
  });
});
