// What `locks.changes` promises to whoever keeps a list of its own by it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { INestMicroservice } from '@nestjs/common';
import {
  type HeldLock,
  type LockHolder,
  type LockKey,
  locks,
  maxChangedKeys,
  workspaceLocks,
} from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { LockChangeRepository } from '../src/persistence/lock-change.repository.js';
import { LocksDatabase } from '../src/persistence/locks-database.js';
import { Follower } from './follower.js';
import { keyOf, pull, type RunningLocks, run, startLocks } from './running-locks.js';

let running: RunningLocks;
let replica: INestMicroservice;
beforeAll(async () => {
  running = await startLocks();
  replica = await running.addReplica();
  await running.addReplica();
});
afterAll(() => running.stop());

let follower: Follower;
beforeEach(async () => {
  follower = new Follower(running.mesh);
  for (const { key, name } of await follower.truth()) {
    await running.mesh.call(locks.delete, { name: `${key.hostname}/${name}` });
  }
  await follower.restart();
});

const acquire = async (holder: LockHolder, ...keys: LockKey[]) =>
  (await running.mesh.call(locks.acquire, { holder, keys })).decisions;
const release = (holder: LockHolder, ...keys: LockKey[]) => running.mesh.call(locks.release, { holder, keys });
const changes = (since: string | null) => running.mesh.call(locks.changes, { since });
const placeOf = (directory: string) => {
  const { name: _, ...place } = keyOf(directory);
  return place;
};
const lockWorkspace = (id: string) =>
  running.mesh.call(workspaceLocks.lock, {
    ...{ workspaceId: `ws-${id}`, workspace: `acme/${id}`, place: placeOf(id), ownerId: 'user-a' },
    ...{ user: 'ann', reason: 'because' },
  });
const unlockWorkspace = (id: string) =>
  running.mesh.call(workspaceLocks.unlock, { workspaceId: `ws-${id}`, place: placeOf(id), by: null });
const sql = (text: string, values: unknown[] = []) =>
  replica.get(LocksDatabase, { strict: false }).dataSource.query<unknown[]>(text, values);
const manyKeys = (count: number) => Array.from({ length: count }, (_, index) => keyOf(`many-${index}`));

/** Follows from the mark it has; fails where it would have to begin anew. */
const expectFollowed = async () => {
  expect(await follower.follow()).toBe('followed');
  expect(follower.locks()).toEqual(await follower.truth());
};

describe('who follows the changes knows what is held', () => {
  test('after every grant, release, handing on and deletion', async () => {
    await acquire(run('a'), keyOf('x'), keyOf('y'));
    await expectFollowed();
    await acquire(run('b'), keyOf('x'));
    await expectFollowed();
    await release(run('a'), keyOf('x'), keyOf('y'));
    await expectFollowed();
    expect(follower.locks()).toMatchObject([{ holder: run('b'), key: keyOf('x') }]);
    await running.mesh.call(locks.delete, { name: follower.locks()[0]?.name ?? '' });
    await expectFollowed();
    expect(follower.locks()).toEqual([]);
  });

  test('also where a pull request comes to the lock of its run, and leaves it first', async () => {
    await acquire(run('a', 5), keyOf('x'));
    await follower.follow();
    await acquire(pull(5), keyOf('x'));
    await expectFollowed();
    expect(follower.locks()).toMatchObject([{ holder: pull(5) }]);
    await release(pull(5), keyOf('x'));
    await expectFollowed();
    expect(follower.locks()).toMatchObject([{ holder: run('a', 5) }]);
  });

  test("also of people's locks, however they end", async () => {
    await lockWorkspace('one');
    await lockWorkspace('two');
    await lockWorkspace('three');
    await expectFollowed();
    await unlockWorkspace('one');
    await running.mesh.call(workspaceLocks.forget, { workspaceIds: ['ws-two'] });
    await running.mesh.call(locks.delete, { name: 'acme/infra/three/default/' });
    await acquire(run('a'), keyOf('one'));
    await expectFollowed();
    expect(follower.locks()).toMatchObject([{ holder: run('a') }]);
  });

  test('also of repositories that are written in two ways', async () => {
    await acquire(run('a'), keyOf('x', { repository: 'Acme/Infra' }));
    await follower.follow();
    await release(run('a'), keyOf('x'));
    await acquire(run('b'), keyOf('x', { repository: 'ACME/infra' }));
    await expectFollowed();
  });

  test('also of what somebody changes by hand', async () => {
    await acquire(run('a'), keyOf('x'), keyOf('y'), keyOf('z'));
    await follower.follow();
    await sql(`update claims set user_name = 'eve' where target_name = '' and directory = 'x'`);
    await sql(`delete from claims where directory = 'y'`);
    await expectFollowed();
    await sql('truncate claims');
    expect(await follower.follow()).toBe('restarted');
    expect(follower.locks()).toEqual([]);
  });

  test('as soon as a call is answered, while many change them at once over two replicas', async () => {
    const finish = async (index: number) => {
      const [own, shared] = [keyOf(`own-${index}`), keyOf(`shared-${index % 3}`)];
      for (let round = 0; round < 5; round += 1) {
        const me = run(`r-${index}-${round}`);
        const watcher = new Follower(running.mesh);
        await acquire(me, own, shared);
        await watcher.restart();
        expect(watcher.locks().map(({ key }) => key.directory)).toContain(own.directory);
        await release(me, own, shared);
        await watcher.follow();
        expect(watcher.locks().map(({ key }) => key.directory)).not.toContain(own.directory);
      }
    };
    const everybody = Promise.all(Array.from({ length: 8 }, (_, index) => finish(index)));
    let isOver = false;
    void everybody.finally(() => {
      isOver = true;
    });
    while (!isOver) await follower.follow();
    await everybody;
    await expectFollowed();
    expect(follower.locks()).toEqual([]);
  });

  test('a change that is not committed yet is told once it is, and none overtakes it', async () => {
    const { dataSource } = replica.get(LocksDatabase, { strict: false });
    await acquire(run('a'), keyOf('early'));
    await follower.follow();
    let others: Promise<unknown> | undefined;
    await dataSource.transaction(async (tx) => {
      await tx.query(`delete from claims where directory = 'early'`);
      others = acquire(run('b'), keyOf('late'));
      await until(
        async () => (await sql(`select 1 from pg_locks where not granted and locktype = 'transactionid'`)).length > 0,
        { describe: 'the other change to wait' },
      );
      await expectFollowed();
      expect(follower.locks()).toMatchObject([{ holder: run('a') }]);
    });
    await others;
    await expectFollowed();
    expect(follower.locks()).toMatchObject([{ holder: run('b') }]);
  });
});

describe('a mark', () => {
  test('stays the same while nobody gets or loses a lock', async () => {
    const [decision] = await acquire(run('a'), keyOf('x'));
    const { mark } = await changes(null);
    await acquire(run('b'), keyOf('x'));
    if (decision?.decision !== 'granted') throw new Error('not granted');
    await running.mesh.call(locks.guard, {
      ...{ holder: run('a'), key: keyOf('x'), fence: decision.fence, guard: 'applying' },
    });
    await running.mesh.call(locks.guard, {
      ...{ holder: run('a'), key: keyOf('x'), fence: decision.fence, guard: 'none' },
    });
    await release(run('b'), keyOf('x'));
    expect(await changes(mark)).toEqual({ answer: 'changes', mark, gone: [], locks: [] });
  });

  test.each([['nonsense'], ['0.1'], ['999999999999999999.1'], ['-1.1'], ['1.2.3'], ['']])(
    '%j of nobody is answered with where to begin anew',
    async (since) => {
      expect(await changes(since)).toEqual({ answer: 'restart', mark: expect.stringMatching(/^\d+\.\d+$/) });
    },
  );

  test('of a database that was put back and went on otherwise is not taken for its own', async () => {
    await acquire(run('a'), keyOf('x'));
    const { mark } = await changes(null);
    await sql(`update lock_changes set made_at = made_at + interval '1 microsecond'
      where turn = (select max(turn) from lock_changes)`);
    expect(await changes(mark)).toMatchObject({ answer: 'restart' });
  });

  test('may be as old as the most changes that are told, and no older', async () => {
    const keys = manyKeys(maxChangedKeys);
    const { mark } = await changes(null);
    await acquire(run('a'), ...keys);
    const told = await changes(mark);
    expect(told.answer === 'changes' && told.locks).toHaveLength(maxChangedKeys);
    await acquire(run('a'), keyOf('one more'));
    expect(await changes(mark)).toMatchObject({ answer: 'restart' });
    await release(run('a'), ...keys);
  });

  test('outlives the pruning of the journal while it is of use, and the latest always does', async () => {
    const journal = replica.get(LockChangeRepository, { strict: false });
    await acquire(run('a'), keyOf('x'));
    const { mark } = await changes(null);
    await sql(`select note_lock_change(array_fill('other'::text, array[${maxChangedKeys}]), '{}')`);
    await journal.prune();
    expect(await changes(mark)).toMatchObject({ answer: 'changes', locks: [] });
    await sql(`select note_lock_change(array_fill('other'::text, array[${100 * maxChangedKeys}]), '{}')`);
    await journal.prune();
    expect(await sql('select turn from lock_changes')).toHaveLength(1);
    expect(await changes(mark)).toMatchObject({ answer: 'restart' });
    await follower.restart();
    await acquire(run('a'), keyOf('y'));
    await expectFollowed();
  });
});

test('a lock that is told of has nothing in it that may change while it is held', async () => {
  const { mark } = await changes(null);
  await acquire(run('a'), keyOf('x'));
  const told = await changes(mark);
  const [lock] = told.answer === 'changes' ? told.locks : [];
  const expected: (keyof HeldLock)[] = ['fence', 'holder', 'key', 'name', 'reason', 'since', 'url', 'user'];
  expect(Object.keys(lock ?? {}).sort()).toEqual(expected);
});
