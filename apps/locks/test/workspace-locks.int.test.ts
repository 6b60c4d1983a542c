import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LockHolder, type LockKey, locks, type TargetPlace, workspaceLocks } from '@terramesh/contracts';
import { keyOf, pull, type RunningLocks, run, startLocks } from './running-locks.js';

let running: RunningLocks;
beforeAll(async () => {
  running = await startLocks();
  await running.addReplica();
  await running.addReplica();
});
afterAll(() => running.stop());

const placeOf = (directory: string): TargetPlace => ({
  hostname: 'github.com',
  repository: 'Acme/Infra',
  directory,
  terraformWorkspace: 'default',
});
const lock = (workspaceId: string, place: TargetPlace | null, ownerId = 'user-a') =>
  running.mesh.call(workspaceLocks.lock, {
    workspaceId,
    workspace: `acme/${workspaceId}`,
    place,
    ownerId,
    user: 'ann',
    reason: 'because',
  });
const unlock = (workspaceId: string, by: string | null, place: TargetPlace | null = null) =>
  running.mesh.call(workspaceLocks.unlock, { workspaceId, place, by });
const standing = async (workspaceId: string, place: TargetPlace | null) =>
  (await running.mesh.call(workspaceLocks.standings, { workspaces: [{ workspaceId, place }] })).standings[0];
const acquire = async (holder: LockHolder, ...keys: LockKey[]) =>
  (await running.mesh.call(locks.acquire, { holder, keys })).decisions;

describe('a person who locks a workspace', () => {
  test('keeps every run and pull request off its target, whatever the target is called', async () => {
    await lock('ws-1', placeOf('one'));
    const by = { kind: 'person', workspaceId: 'ws-1', workspace: 'acme/ws-1', user: 'ann', reason: 'because' };
    expect(await acquire(run('run-1'), keyOf('one'), keyOf('one', { name: 'named' }), keyOf('two'))).toEqual([
      { decision: 'refused', key: keyOf('one'), by },
      { decision: 'refused', key: keyOf('one', { name: 'named' }), by },
      { decision: 'granted', key: keyOf('two'), fence: expect.any(Number) },
    ]);
    expect(await acquire(pull(7), keyOf('one'))).toMatchObject([{ decision: 'refused', by }]);
    await unlock('ws-1', 'user-a', placeOf('one'));
    expect(await acquire(run('run-2'), keyOf('one'))).toMatchObject([{ decision: 'granted' }]);
  });

  test('is refused while a run or a pull request holds the target, and told of it', async () => {
    await acquire(run('run-3', 9), keyOf('three', { name: 'named' }));
    await expect(lock('ws-3', placeOf('three'))).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { person: null, holder: { kind: 'run', runId: 'run-3', pull: 9 } },
    });
    expect(await standing('ws-3', placeOf('three'))).toEqual({ person: null, holder: run('run-3', 9) });
    expect(await standing('ws-3', { ...placeOf('three'), hostname: 'gitlab.com' })).toEqual({
      person: null,
      holder: null,
    });
  });

  test('wins once when twenty lock at the same moment', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => lock('ws-4', placeOf('four'), `user-${index}`)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'CONFLICT' });
    }
  });

  test('and a run that asks at the same moment: one of the two gets it, never both', async () => {
    for (let round = 0; round < 20; round += 1) {
      const directory = `race-${round}`;
      const [person, decisions] = await Promise.allSettled([
        lock(`ws-race-${round}`, placeOf(directory)),
        acquire(run(`run-race-${round}`), keyOf(directory)),
      ]);
      const isGranted = decisions.status === 'fulfilled' && decisions.value[0]?.decision === 'granted';
      expect([person.status === 'fulfilled', isGranted].filter(Boolean)).toHaveLength(1);
    }
  });

  test('is the only one who may unlock it, except by force', async () => {
    await lock('ws-5', null);
    await expect(unlock('ws-5', 'user-b')).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { person: { ownerId: 'user-a', user: 'ann', reason: 'because' } },
    });
    await unlock('ws-5', null);
    await expect(unlock('ws-5', 'user-a')).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { person: null, holder: null },
    });
    expect(await standing('ws-5', null)).toEqual({ person: null, holder: null });
  });
});

test("a person's lock is listed and found with the others, and can be deleted by hand", async () => {
  await lock('ws-6', placeOf('six'));
  const { locks: listed } = await running.mesh.call(locks.list, {});
  const name = 'Acme/Infra/six/default/';
  expect(listed.find((one) => one.name === name)).toMatchObject({
    holder: { kind: 'person', workspaceId: 'ws-6', workspace: 'acme/ws-6' },
    user: 'ann',
    guard: 'none',
  });
  expect(listed.map((one) => one.name)).toEqual([...listed.map((one) => one.name)].sort());
  expect(await running.mesh.call(locks.delete, { name })).toMatchObject({ holder: { kind: 'person' } });
  await expect(running.mesh.call(locks.find, { name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await acquire(run('run-6'), keyOf('six'))).toMatchObject([{ decision: 'granted' }]);
});

test('a workspace that is forgotten is no longer locked', async () => {
  await lock('ws-7', placeOf('seven'));
  await running.mesh.call(workspaceLocks.forget, { workspaceIds: ['ws-7', 'ws-none'] });
  expect(await standing('ws-7', placeOf('seven'))).toEqual({ person: null, holder: null });
});
