// Several at once on several replicas: the database decides, one wins, and nobody sees a 500.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAppError, projects, workspaces } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { type Organization, projectDocument, startTfeWorld, type TfeWorld } from './tfe-world.js';

let world: TfeWorld;
let acme: Organization;
beforeAll(async () => {
  world = await startTfeWorld();
  await world.addReplica();
  acme = await world.addOrganization();
});
afterAll(() => world?.stop());

type Outcome = { code: string; message: string };
async function outcomesOf(calls: Promise<unknown>[]): Promise<Outcome[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return { code: 'done', message: '' };
    if (!isAppError(one.reason)) throw one.reason;
    return { code: one.reason.code, message: one.reason.message };
  });
}
const ofCode = (outcomes: Outcome[], code: string) => outcomes.filter((one) => one.code === code);

const remove = (id: string) => world.mesh.call(projects.delete, { caller: acme.owner, id });
const rename = (id: string, name: string) =>
  world.mesh.call(projects.update, { caller: acme.owner, id, document: projectDocument({ name }) });

test('of twenty creates of one name in different case one wins, the others are told that it is taken', async () => {
  const names = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'One NAME' : 'one name'));
  const outcomes = await outcomesOf(names.map((name) => acme.createProject(name)));
  expect(ofCode(outcomes, 'done')).toHaveLength(1);
  expect(ofCode(outcomes, 'UNPROCESSABLE').map(({ message }) => message)).toEqual(
    Array.from({ length: 19 }, () => 'Name has already been taken'),
  );
});

test('of two deletes one wins, the other finds nothing', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id } = await acme.createProject(`twice ${round}`);
    const outcomes = await outcomesOf([remove(id), remove(id)]);
    expect(outcomes.map(({ code }) => code).sort()).toEqual(['NOT_FOUND', 'done']);
  }
});

test('of a delete and a workspace on its way in one wins, and no workspace is left without a project', async () => {
  const addWorkspace = (name: string, projectId: string) =>
    world.mesh.call(workspaces.create, {
      caller: acme.owner,
      organizationName: acme.name,
      document: {
        data: {
          type: 'workspaces',
          attributes: { name },
          relationships: { project: { data: { type: 'projects', id: projectId } } },
        },
      },
    });
  for (let round = 0; round < 20; round += 1) {
    const { id } = await acme.createProject(`emptied ${round}`);
    const outcomes = await outcomesOf([addWorkspace(`late-${round}`, id), remove(id)]);
    const [added, deleted] = outcomes.map(({ code }) => code);
    // Whoever adds to a project that is gone learns that, in whatever way.
    expect(['done FORBIDDEN', 'NOT_FOUND done', 'UNPROCESSABLE done']).toContain(`${added} ${deleted}`);
  }
  const orphans = 'select 1 from workspace w where not exists (select 1 from project p where p.id = w.project_id)';
  expect(await world.sql(orphans)).toEqual([]);
});

test('a delete that meets a workspace whose transaction is still open waits for it, and is refused', async () => {
  const { id } = await acme.createProject('awaited');
  const deleting = await world.transaction(async (tx) => {
    await acme.addWorkspace(id, (text, values) => tx.query(text, values));
    const outcomes = outcomesOf([remove(id)]);
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await until(async () => (await world.sql(waiting)).length > 0, { describe: 'the delete to wait' });
    // In an array, or it would be awaited here.
    return [outcomes] as const;
  });
  expect(await deleting[0]).toMatchObject([{ code: 'FORBIDDEN' }]);
});

describe('renames', () => {
  test('of two projects to one name: one wins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const a = await acme.createProject(`left ${round}`);
      const b = await acme.createProject(`right ${round}`);
      const outcomes = await outcomesOf([rename(a.id, `Middle ${round}`), rename(b.id, `middle ${round}`)]);
      expect(outcomes.map(({ code }) => code).sort()).toEqual(['UNPROCESSABLE', 'done']);
    }
  });

  test('that swap the names of two projects are both refused, also when they lock each other out', async () => {
    const a = await acme.createProject('swap a');
    const b = await acme.createProject('swap b');
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await outcomesOf([rename(a.id, 'swap b'), rename(b.id, 'swap a')]);
      expect(outcomes.map(({ code }) => code)).toEqual(['UNPROCESSABLE', 'UNPROCESSABLE']);
    }
  });

  test('of a project that is being deleted: both are told what happened', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await acme.createProject(`going ${round}`);
      const [renamed, deleted] = await outcomesOf([rename(id, `gone ${round}`), remove(id)]);
      expect(deleted?.code).toBe('done');
      expect(['done', 'NOT_FOUND']).toContain(renamed?.code);
    }
  });
});

test('tags added by many at once are all there, and never more than ten', async () => {
  const { id } = await acme.createProject('tagged by many');
  const add = (key: string) =>
    world.mesh.call(projects.addTagBindings, {
      caller: acme.owner,
      id,
      document: { data: [{ type: 'tag-bindings', attributes: { key } }] },
    });
  const outcomes = await outcomesOf(Array.from({ length: 14 }, (_, index) => add(`key-${index}`)));
  expect([ofCode(outcomes, 'done').length, ofCode(outcomes, 'UNPROCESSABLE').length]).toEqual([10, 4]);
  const { items } = await world.mesh.call(projects.listTagBindings, { caller: acme.owner, id });
  expect(items).toHaveLength(10);
});

test('two moves of the same workspaces in opposite order both end, and keep them together', async () => {
  const a = await acme.createProject('moved here');
  const b = await acme.createProject('moved there');
  const ids = await Promise.all([1, 2, 3, 4].map(() => acme.addWorkspace(acme.defaultProjectId)));
  const move = (id: string, list: string[]) =>
    world.mesh.call(projects.moveWorkspaces, {
      caller: acme.owner,
      id,
      document: { data: list.map((workspace) => ({ type: 'workspaces', id: workspace })) },
    });
  for (let round = 0; round < 5; round += 1) {
    const outcomes = await outcomesOf([move(a.id, ids), move(b.id, [...ids].reverse())]);
    expect(outcomes.map(({ code }) => code)).toEqual(['done', 'done']);
    const places = await world.sql('select distinct project_id from workspace where id = any($1)', [ids]);
    expect(places).toHaveLength(1);
  }
});

test('an organization goes with everything in it', async () => {
  const gone = await world.addOrganization();
  const project = await gone.createProject('full');
  await gone.addWorkspace(project.id);
  await gone.addWorkspace(gone.defaultProjectId);
  await world.sql('delete from organization where id = $1', [gone.id]);
  expect(await world.sql('select 1 from project where organization_id = $1', [gone.id])).toEqual([]);
});
