// What lists find, and that they agree with the flags of what they list.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Caller, type OperationInput, type Project, projects, teamProjects } from '@terramesh/contracts';
import { type Member, type Organization, rejectsWith, startTfeWorld, type TfeWorld } from './tfe-world.js';

type Search = Partial<OperationInput<typeof projects.list>>;

let world: TfeWorld;
let acme: Organization;
let ids: Record<string, string>;
const names = ['Zeta', 'alpha', 'Beta one', 'beta two', 'b_ta', 'a-b-c', '100 percent', 'back slash'];

beforeAll(async () => {
  world = await startTfeWorld();
  acme = await world.addOrganization();
  const made: Project[] = [];
  for (const name of names) made.push(await acme.createProject(name));
  ids = Object.fromEntries(made.map(({ id, name }) => [name, id]));
  await tag('alpha', { env: 'prod', team: 'a' });
  await tag('Zeta', { env: 'dev', team: 'a' });
  await tag('b_ta', { env: '' });
});
afterAll(() => world?.stop());

const tag = (name: string, tags: Record<string, string>) =>
  world.mesh.call(projects.replaceTagBindings, {
    caller: acme.owner,
    id: ids[name] ?? '',
    document: {
      data: Object.entries(tags).map(([key, value]) => ({ type: 'tag-bindings', attributes: { key, value } })),
    },
  });
const list = (search: Search = {}, caller: Caller = acme.owner) =>
  world.mesh.call(projects.list, {
    caller,
    organizationName: acme.name,
    page: { number: 1, size: 100 },
    ...search,
  });
const found = async (search: Search, caller?: Caller) =>
  (await list(search, caller)).items.map(({ name }) => name).join(', ');
const give = (member: Member, name: string, attributes: object) =>
  world.mesh.call(teamProjects.create, {
    caller: acme.owner,
    document: {
      data: {
        type: 'team-projects',
        attributes,
        relationships: {
          team: { data: { type: 'teams', id: member.teamId } },
          project: { data: { type: 'projects', id: ids[name] } },
        },
      },
    },
  });

describe('a list', () => {
  const inOrder = [
    '100 percent',
    'a-b-c',
    'alpha',
    'b_ta',
    'back slash',
    'Beta one',
    'beta two',
    'Default Project',
    'Zeta',
  ];

  test('is in the order of the names without their case, or the other way round', async () => {
    expect(await found({})).toBe(inOrder.join(', '));
    expect(await found({ sort: '-name' })).toBe([...inOrder].reverse().join(', '));
  });

  test('is cut into pages, and empty past the end with true counts', async () => {
    expect(await list({ page: { number: 2, size: 4 } })).toMatchObject({ total: 9, matching: 9 });
    expect(await found({ page: { number: 2, size: 4 } })).toBe(inOrder.slice(4, 8).join(', '));
    expect(await list({ page: { number: 999, size: 100 } })).toEqual({ items: [], total: 9, matching: 9 });
    expect(await list({ page: { number: 1_000_000_000, size: 100 } })).toMatchObject({ items: [], total: 9 });
  });

  test.each<[Search, string]>([
    [{ query: 'BETA' }, 'Beta one, beta two'],
    [{ query: 'Default' }, 'Default Project'],
    [{ query: 'b_t' }, 'b_ta'],
    [{ query: '%' }, ''],
    [{ query: '_' }, 'b_ta'],
    [{ query: '\\' }, ''],
    [{ query: '\\b' }, ''],
    [{ query: "'; drop table project" }, ''],
    [{ query: '\u212a' }, ''],
    [{ query: '🎉' }, ''],
    [{ query: ' ' }, '100 percent, back slash, Beta one, beta two, Default Project'],
    [{ query: '' }, inOrder.join(', ')],
    [{ names: ['ALPHA', 'zeta', 'nobody'] }, 'alpha, Zeta'],
    [{ names: ['bet'] }, ''],
    [{ names: ['alpha'], query: 'zeta' }, 'alpha'],
    [{ names: ['%'] }, ''],
    [{ tagged: [{ key: 'env', value: '' }] }, 'alpha, b_ta, Zeta'],
    [{ tagged: [{ key: 'env', value: 'prod' }] }, 'alpha'],
    [
      {
        tagged: [
          { key: 'env', value: '' },
          { key: 'team', value: 'a' },
        ],
      },
      'alpha, Zeta',
    ],
    [{ tagged: [{ key: 'ENV', value: '' }] }, ''],
    [{ tagged: [{ key: 'team', value: '' }], query: 'z' }, 'Zeta'],
    [{ sort: '-name', query: 'beta', page: { number: 2, size: 1 } }, 'Beta one'],
  ])('with %j finds %j', async (search, expected) => {
    expect(await found(search)).toBe(expected);
    if (search.page === undefined) {
      const matching = expected === '' ? 0 : expected.split(', ').length;
      expect(await list(search)).toMatchObject({ total: 9, matching });
    }
  });

  test('has the tags of its projects when they are asked for, in the order in which they came', async () => {
    const [alpha] = (await list({ names: ['alpha'], include: ['effective_tag_bindings'] })).items;
    expect(alpha?.tagBindings).toMatchObject([
      { key: 'env', value: 'prod' },
      { key: 'team', value: 'a' },
    ]);
    expect((await list({ names: ['alpha'] })).items[0]?.tagBindings).toBeNull();
  });
});

test('lists show what may be seen, and their filters what the flags say, whoever asks', async () => {
  const mixed = await acme.addMember();
  await give(mixed, 'alpha', { access: 'admin' });
  await give(mixed, 'Zeta', { access: 'write' });
  await give(mixed, 'b_ta', { access: 'maintain' });
  await give(mixed, 'a-b-c', { access: 'custom', 'project-access': { settings: 'update' } });
  await give(mixed, 'Beta one', { access: 'custom', 'workspace-access': { create: true } });
  const manager = await acme.addMember(['manage-workspaces']);
  await give(manager, 'alpha', { access: 'custom', 'project-access': { settings: 'delete' } });
  const callers = [acme.owner, acme.token, mixed.caller, manager.caller];
  for (const access of [[], ['read-projects'], ['read-workspaces'], ['manage-projects', 'manage-workspaces']]) {
    callers.push((await acme.addMember(access)).caller);
  }
  for (const caller of callers) {
    const all = (await list({}, caller)).items;
    const namesOf = (items: Project[]) => items.map(({ name }) => name).join(', ');
    expect(all.every(({ permissions }) => permissions.canRead)).toBe(true);
    expect(await found({ permissions: ['update'] }, caller)).toBe(
      namesOf(all.filter(({ permissions }) => permissions.canUpdate)),
    );
    expect(await found({ permissions: ['create-workspace'] }, caller)).toBe(
      namesOf(all.filter(({ permissions }) => permissions.canCreateWorkspace)),
    );
    const both = await list({ permissions: ['update', 'create-workspace'] }, caller);
    expect(both.total).toBe(all.length);
    expect(both.items).toEqual(
      all.filter(({ permissions }) => permissions.canUpdate && permissions.canCreateWorkspace),
    );
    for (const item of all) {
      expect(await world.mesh.call(projects.show, { caller, id: item.id })).toEqual(item);
    }
  }
  expect(await found({}, mixed.caller)).toBe('a-b-c, alpha, b_ta, Beta one, Zeta');
});

test('who belongs to another organization finds neither list nor project', async () => {
  const other = await world.addOrganization();
  for (const caller of [other.owner, other.token, (await other.addMember(['manage-projects'])).caller]) {
    await expect(list({}, caller)).rejects.toEqual(rejectsWith('NOT_FOUND'));
    const id = ids.alpha ?? '';
    await expect(world.mesh.call(projects.show, { caller, id })).rejects.toEqual(rejectsWith('NOT_FOUND'));
    await expect(world.mesh.call(projects.delete, { caller, id })).rejects.toEqual(rejectsWith('NOT_FOUND'));
  }
});

test('projects found by their ids are those that the caller may see, as they are shown', async () => {
  const other = await world.addOrganization();
  const { caller, teamId } = await acme.addMember();
  const seen = await acme.createProject('Found by id');
  const unseen = await acme.createProject('Not found by id');
  const ids = [seen.id, unseen.id, other.defaultProjectId, 'prj-none'];
  const find = (by: Caller) => world.mesh.call(projects.find, { caller: by, ids });
  expect((await find(caller)).items).toEqual([]);
  await world.mesh.call(teamProjects.create, {
    caller: acme.owner,
    document: {
      data: {
        type: 'team-projects',
        attributes: { access: 'read' },
        relationships: {
          team: { data: { type: 'teams', id: teamId } },
          project: { data: { type: 'projects', id: seen.id } },
        },
      },
    },
  });
  expect((await find(caller)).items).toEqual([await world.mesh.call(projects.show, { caller, id: seen.id })]);
  expect((await find(acme.token)).items.map(({ id }) => id).sort()).toEqual([seen.id, unseen.id].sort());
});
