// Who may do what to workspaces.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { organizations, projects, teamProjects, workspaces } from '@terramesh/contracts';
import { newId } from '../src/domain/ids.js';
import { rejectsWith, userCaller } from './tfe-world.js';
import { inProject, outcomesOf, startWorkspaceWorld, type WorkspaceWorld } from './workspace-world.js';

let world: WorkspaceWorld;
beforeAll(async () => {
  world = await startWorkspaceWorld();
});
afterAll(() => world?.stop());

describe('whoever may not', () => {
  const roles = {
    owner: () => world.acme.owner,
    'organization token': () => world.acme.token,
    'manage-projects': async () => (await world.acme.addMember(['manage-workspaces', 'manage-projects'])).caller,
    'manage-workspaces': async () => (await world.acme.addMember(['manage-workspaces'])).caller,
    'read-workspaces': async () => (await world.acme.addMember(['read-workspaces'])).caller,
    admin: () => granted('admin'),
    maintain: () => granted('maintain'),
    write: () => granted('write'),
    read: () => granted('read'),
    'plain member': async () => (await world.acme.addMember([])).caller,
    stranger: async () => userCaller((await world.addOrganization()).owner.accountId),
  };
  let projectId: string;
  beforeAll(async () => {
    projectId = (await world.acme.createProject('guarded')).id;
  });
  const granted = async (access: string) => {
    const { caller, teamId } = await world.acme.addMember([]);
    await world.mesh.call(teamProjects.create, {
      caller: world.acme.owner,
      document: {
        data: {
          type: 'team-projects',
          attributes: { access },
          relationships: {
            team: { data: { type: 'teams', id: teamId } },
            project: { data: { type: 'projects', id: projectId } },
          },
        },
      },
    });
    return caller;
  };

  test.each([
    ['owner', 'read create update lock forceUnlock delete'],
    ['organization token', 'read create update lock forceUnlock delete'],
    ['manage-projects', 'read create update lock forceUnlock delete'],
    ['manage-workspaces', 'read update lock forceUnlock delete'],
    ['read-workspaces', 'read'],
    ['admin', 'read create update lock forceUnlock delete'],
    ['maintain', 'read create update lock delete'],
    ['write', 'read lock'],
    ['read', 'read'],
    ['plain member', ''],
    ['stranger', ''],
  ] as const)('%s may: %s', async (role, allowed) => {
    const caller = await roles[role]();
    const name = `guarded-${role.replace(/\W/g, '-')}`;
    const { id } = await world.create({ name }, inProject(projectId));
    const key = { id };
    const operations: Record<string, () => Promise<unknown>> = {
      read: () => world.show(key, caller),
      create: () => world.create({ name: `${name}-2` }, inProject(projectId), caller),
      update: () => world.update(id, { description: 'x' }, undefined, caller),
      lock: () => world.lock(id, caller),
      forceUnlock: async () => {
        if (!world.held.people.has(id)) await world.lock(id);
        await world.mesh.call(workspaces.unlock, { caller, key, mode: 'force' });
      },
      delete: () => world.mesh.call(workspaces.delete, { caller, key, mode: 'force' }),
    };
    const done: string[] = [];
    for (const [operation, run] of Object.entries(operations)) {
      const [outcome] = await outcomesOf([run()]);
      if (outcome === 'done') done.push(operation);
      else expect([operation, outcome]).toEqual([operation, 'NOT_FOUND']);
    }
    expect(done.join(' ')).toBe(allowed);
  });

  test('is told so before anything is said of the document', async () => {
    const caller = await granted('read');
    await expect(world.create({ name: '' }, inProject(projectId), caller)).rejects.toEqual(rejectsWith('NOT_FOUND'));
    await expect(world.create({ name: 'x' }, inProject('prj-none'))).rejects.toEqual(rejectsWith('NOT_FOUND'));
  });

  test('moves a workspace only with the permission at both ends', async () => {
    const other = (await world.acme.createProject('other end')).id;
    const { id } = await world.create({ name: 'moving' }, inProject(projectId));
    const oneEnd = await granted('admin');
    await expect(world.update(id, {}, inProject(other), oneEnd)).rejects.toEqual(rejectsWith('NOT_FOUND'));
    expect(await world.update(id, {}, inProject(other))).toMatchObject({ projectId: other });
  });

  test('deletes no locked workspace by force where only owners may', async () => {
    const caller = await granted('admin');
    const setForce = (isAllowed: boolean) =>
      world.mesh.call(organizations.update, {
        caller: world.acme.owner,
        name: 'acme',
        document: { data: { type: 'organizations', attributes: { 'allow-force-delete-workspaces': isAllowed } } },
      });
    const remove = ({ id }: { id: string }, by = caller) =>
      world.mesh.call(workspaces.delete, { caller: by, key: { id }, mode: 'force' });
    const kept = await world.create({ name: 'kept' }, inProject(projectId));
    const free = await world.create({ name: 'free' }, inProject(projectId));
    await world.lock(kept.id);
    await setForce(false);
    await expect(remove(kept)).rejects.toEqual(rejectsWith('CONFLICT'));
    expect(await remove(free)).toEqual({});
    expect(await remove(kept, world.acme.owner)).toEqual({});
    await setForce(true);
  });

  test('stays in its organization, also for somebody who owns two', async () => {
    const other = await world.addOrganization();
    const owner = world.acme.owner;
    const [team] = await world.sql('select id from team where organization_id = $1 and is_owners', [other.id]);
    await world.sql('insert into organization_membership (id, organization_id, account_id) values ($1, $2, $3)', [
      newId('ou'),
      other.id,
      owner.accountId,
    ]);
    await world.sql('insert into team_member (team_id, organization_id, account_id) values ($1, $2, $3)', [
      team?.id,
      other.id,
      owner.accountId,
    ]);
    const foreign = inProject(other.defaultProjectId);
    const { id } = await world.create({ name: 'at-home' }, inProject(projectId));
    const document = { data: [{ type: 'workspaces', id }] };
    const move = world.mesh.call(projects.moveWorkspaces, { caller: owner, id: other.defaultProjectId, document });
    await expect(move).rejects.toEqual(rejectsWith('FORBIDDEN'));
    await expect(world.update(id, {}, foreign)).rejects.toEqual(rejectsWith('NOT_FOUND'));
    await expect(world.create({ name: 'abroad' }, foreign)).rejects.toEqual(rejectsWith('NOT_FOUND'));
    expect(await world.show({ id })).toMatchObject({ projectId, organizationName: 'Acme' });
  });
});
