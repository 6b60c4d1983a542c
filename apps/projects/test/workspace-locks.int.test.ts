// Workspaces when several want them at once, and who keeps whom off them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Caller, projects, workspaces } from '@terramesh/contracts';
import { rejectsWith } from './tfe-world.js';
import { bound, inProject, outcomesOf, startWorkspaceWorld, type WorkspaceWorld } from './workspace-world.js';

let world: WorkspaceWorld;
beforeAll(async () => {
  world = await startWorkspaceWorld();
});
afterAll(() => world?.stop());

describe('at the same moment', () => {
  test('of twenty creates of one name in different case one wins', async () => {
    const names = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'one-NAME' : 'one-name'));
    expect(await outcomesOf(names.map((name) => world.create({ name })))).toEqual([
      ...Array(19).fill('UNPROCESSABLE'),
      'done',
    ]);
  });

  test('of a create and the delete of its project one wins, and nothing is left without a project', async () => {
    for (let round = 0; round < 15; round += 1) {
      const { id } = await world.acme.createProject(`race ${round}`);
      const outcomes = await outcomesOf([
        world.create({ name: `race-${round}` }, inProject(id)),
        world.mesh.call(projects.delete, { caller: world.acme.owner, id }),
      ]);
      expect(['FORBIDDEN done', 'NOT_FOUND done']).toContain(outcomes.join(' '));
    }
    expect(
      await world.sql('select 1 from workspace w where not exists (select 1 from project p where p.id = w.project_id)'),
    ).toEqual([]);
  });

  test('two who lock it: one does, the others are told by whom', async () => {
    const { id } = await world.create({ name: 'contended' });
    const outcomes = await outcomesOf(Array.from({ length: 10 }, () => world.lock(id)));
    expect(outcomes).toEqual([...Array(9).fill('CONFLICT'), 'done']);
    await expect(world.lock(id)).rejects.toMatchObject({ message: expect.stringMatching(/is locked by User user-/) });
  });

  test('two deletes: one does, the other finds nothing', async () => {
    const { id } = await world.create({ name: 'twice' });
    const remove = () => world.mesh.call(workspaces.delete, { caller: world.acme.owner, key: { id }, mode: 'force' });
    expect(await outcomesOf([remove(), remove()])).toEqual(['NOT_FOUND', 'done']);
  });

  test('an organization goes with all that it has', async () => {
    const gone = await world.addOrganization('gone');
    await gone.addWorkspace(gone.defaultProjectId);
    await world.sql('delete from organization where id = $1', [gone.id]);
    expect(await world.sql('select 1 from workspace where organization_id = $1', [gone.id])).toEqual([]);
  });
});

describe('a lock', () => {
  test('is shown with its reason, and only its owner or an administrator takes it away', async () => {
    const { id } = await world.create({ name: 'locked' });
    const other = await world.acme.addMember(['manage-workspaces']);
    const unlock = (caller: Caller, mode: 'own' | 'force') =>
      world.mesh.call(workspaces.unlock, { caller, key: { id }, mode });
    const locked = await world.lock(id, other.caller);
    expect(locked.lock).toMatchObject({ person: { ownerId: other.caller.accountId, reason: 'because' }, holder: null });
    expect(await world.show({ id })).toEqual({ ...locked, permissions: (await world.show({ id })).permissions });
    await expect(unlock(world.acme.owner, 'own')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('is locked by User'),
    });
    expect(await unlock(world.acme.owner, 'force')).toMatchObject({ lock: { person: null, holder: null } });
    await expect(unlock(world.acme.owner, 'own')).rejects.toMatchObject({
      message: expect.stringContaining('is not locked'),
    });
  });

  test('a run that holds the target locks it too', async () => {
    const { id } = await world.create({ name: 'busy', ...bound('busy') });
    world.held.holders.set('busy', { kind: 'run', runId: 'run-1', pull: 3 });
    expect((await world.show({ id })).lock).toEqual({ person: null, holder: { kind: 'run', runId: 'run-1', pull: 3 } });
    await expect(world.lock(id)).rejects.toMatchObject({ message: expect.stringContaining('is locked by Run run-1') });
  });

  test('is never guessed: without apps/locks nothing is said', async () => {
    const { id } = await world.create({ name: 'unknown' });
    world.held.isAway = true;
    await expect(world.show({ id })).rejects.toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|TIMEOUT/) });
    world.held.isAway = false;
  }, 30_000);
});

describe('a safe delete', () => {
  const safeDelete = (id: string) =>
    world.mesh.call(workspaces.delete, { caller: world.acme.owner, key: { id }, mode: 'safe' });

  test.each([
    ['a run is not over', { isBusy: true, mayManage: false }],
    ['something was applied', { isBusy: false, mayManage: true }],
  ])('is refused while %s, and a forced one is not', async (_why, traces) => {
    const directory = `safe-${traces.isBusy}`;
    const { id } = await world.create({ name: directory, ...bound(directory) });
    world.held.traces.set(directory, traces);
    await expect(safeDelete(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await world.mesh.call(workspaces.delete, { caller: world.acme.owner, key: { id }, mode: 'force' });
    await expect(world.show({ id })).rejects.toEqual(rejectsWith('NOT_FOUND'));
  });

  test('is refused while it is locked, and done when it is not', async () => {
    const { id } = await world.create({ name: 'safely' });
    await world.lock(id);
    await expect(safeDelete(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await world.mesh.call(workspaces.unlock, { caller: world.acme.owner, key: { id }, mode: 'own' });
    await safeDelete(id);
    await expect(world.show({ id })).rejects.toEqual(rejectsWith('NOT_FOUND'));
  });
});
