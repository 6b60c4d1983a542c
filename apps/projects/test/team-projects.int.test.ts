// Which teams may do what in a project: kept once for each team, and gone with the team.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Caller, type Project, projects, type TeamProject, teamProjects } from '@terramesh/contracts';
import { type Member, type Organization, rejectsWith, startTfeWorld, type TfeWorld } from './tfe-world.js';

let world: TfeWorld;
let acme: Organization;
let project: Project;
let member: Member;
let count = 0;
beforeAll(async () => {
  world = await startTfeWorld();
  await world.addReplica();
  acme = await world.addOrganization();
});
afterAll(() => world?.stop());
beforeEach(async () => {
  count += 1;
  project = await acme.createProject(`project ${count}`);
  member = await acme.addMember();
});

const documentOf = (attributes: object, relationships?: object) => ({
  data: { type: 'team-projects', attributes, ...(relationships === undefined ? {} : { relationships }) },
});
const give = (attributes: object, { teamId = member.teamId, projectId = project.id, caller = acme.owner } = {}) =>
  world.mesh.call(teamProjects.create, {
    caller,
    document: documentOf(attributes, {
      team: { data: { type: 'teams', id: teamId } },
      project: { data: { type: 'projects', id: projectId } },
    }),
  });
const update = (id: string, attributes: object) =>
  world.mesh.call(teamProjects.update, { caller: acme.owner, id, document: documentOf(attributes) });
const list = (number = 1, caller: Caller = acme.owner) =>
  world.mesh.call(teamProjects.list, { caller, projectId: project.id, page: { number, size: 20 } });

test('is made, shown, listed, counted, changed and taken away', async () => {
  const made = await give({ access: 'admin' });
  expect(made).toMatchObject({ teamId: member.teamId, projectId: project.id, access: 'admin' });
  expect(made.id).toMatch(/^tprj-[1-9A-HJ-NP-Za-km-z]{16}$/);
  expect(await world.mesh.call(teamProjects.show, { caller: acme.owner, id: made.id })).toEqual(made);
  expect(await list()).toEqual({ items: [made], total: 1, matching: 1 });
  expect(await list(999)).toEqual({ items: [], total: 1, matching: 1 });
  const shown = await world.mesh.call(projects.show, { caller: member.caller, id: project.id });
  expect(shown).toMatchObject({ teamCount: 1, permissions: { canDestroy: true } });

  const changed = await update(made.id, { access: 'read' });
  expect(changed).toMatchObject({ id: made.id, access: 'read', projectAccess: { settings: 'read' } });
  await expect(world.mesh.call(projects.delete, { caller: member.caller, id: project.id })).rejects.toEqual(
    rejectsWith('NOT_FOUND'),
  );

  await world.mesh.call(teamProjects.delete, { caller: acme.owner, id: made.id });
  await expect(world.mesh.call(teamProjects.show, { caller: acme.owner, id: made.id })).rejects.toEqual(
    rejectsWith('NOT_FOUND'),
  );
  await expect(world.mesh.call(projects.show, { caller: member.caller, id: project.id })).rejects.toEqual(
    rejectsWith('NOT_FOUND'),
  );
});

test('of many at once for one team one is made, the others are told', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 10 }, () => give({ access: 'read' })));
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(reasons).toHaveLength(9);
  for (const reason of reasons) {
    expect(reason).toMatchObject({ code: 'UNPROCESSABLE', message: 'Team already has access to this project' });
  }
  expect((await list()).total).toBe(1);
});

test('names only teams of the same organization and projects that the caller manages', async () => {
  const other = await world.addOrganization();
  const { teamId } = await other.addMember();
  const refusals: Promise<TeamProject>[] = [
    give({ access: 'read' }, { teamId }),
    give({ access: 'read' }, { teamId: 'team-none' }),
    give({ access: 'read' }, { projectId: 'prj-none' }),
    give({ access: 'read' }, { projectId: other.defaultProjectId }),
    give({ access: 'admin' }, { caller: member.caller }),
    give({ access: 'admin' }, { caller: other.owner }),
  ];
  for (const refusal of refusals) await expect(refusal).rejects.toEqual(rejectsWith('NOT_FOUND'));
  await expect(list(1, member.caller)).rejects.toEqual(rejectsWith('NOT_FOUND'));
});

test('levels are chosen with custom access only, and kept where an update leaves them out', async () => {
  await expect(give({ access: 'read', 'project-access': { settings: 'delete' } })).rejects.toEqual(
    rejectsWith('UNPROCESSABLE'),
  );
  const made = await give({ access: 'custom', 'project-access': { settings: 'update', teams: 'read' } });
  const changed = await update(made.id, { 'workspace-access': { create: true } });
  expect(changed).toEqual({ ...made, workspaceAccess: { ...made.workspaceAccess, create: true } });
  expect((await list(1, member.caller)).items).toEqual([changed]);
  await expect(update(made.id, { 'project-access': { settings: 'all' } })).rejects.toMatchObject({
    code: 'UNPROCESSABLE',
    message: 'Settings must be one of read, update, delete',
  });
});

test('goes with its team and with its project', async () => {
  const made = await give({ access: 'read' });
  await world.sql('delete from team where id = $1', [member.teamId]);
  expect((await list()).total).toBe(0);
  const again = await give({ access: 'read' }, { teamId: (await acme.addMember()).teamId });
  await world.mesh.call(projects.delete, { caller: acme.owner, id: project.id });
  for (const { id } of [made, again]) {
    await expect(world.mesh.call(teamProjects.show, { caller: acme.owner, id })).rejects.toEqual(
      rejectsWith('NOT_FOUND'),
    );
  }
});
