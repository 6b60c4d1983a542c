// Lists of projects and of team-projects over HTTP: pages, links, filters, and what wrong ones get.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type System, startSystem } from './src/system.js';
import {
  createOrganization,
  createPerson,
  createTeam,
  type TfeClient,
  type TfeResource,
  tfeClient,
  tfeDocument,
} from './src/tfe-client.js';

const adminToken = 'e2e-admin-token-0123456789-0123456789';
const names = ['alpha', 'beta', 'gamma', 'delta_x', 'epsilon'];

let system: System;
let tfe: TfeClient;
let made: TfeResource[];
beforeAll(async () => {
  const settings = { TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '0' };
  system = await startSystem({ mesh: 'inproc', githubUrl: 'file:///nowhere', settings });
  tfe = tfeClient(system.url, adminToken);
  await createOrganization(tfe, 'lists');
  made = [];
  for (const name of names) {
    const tags = name === 'beta' ? [{ type: 'tag-bindings', attributes: { key: 'env', value: 'prod' } }] : [];
    const body = tfeDocument('projects', { name }, { 'tag-bindings': { data: tags } });
    made.push((await tfe('POST', '/organizations/lists/projects', { body })).resource());
  }
});
afterAll(() => system?.stop());

const get = (query: string) => tfe('GET', `/organizations/lists/projects?${query}`);
const namesIn = async (query: string) => (await get(query)).list().map(({ attributes }) => attributes.name);
const ascending = ['alpha', 'beta', 'Default Project', 'delta_x', 'epsilon', 'gamma'];

describe('pages', () => {
  test('have links to each other, and counts', async () => {
    const { data, links, meta } = (await get('page%5Bnumber%5D=2&page%5Bsize%5D=2&q=&sort=name')).document();
    expect(data.map(({ attributes }) => attributes.name)).toEqual(ascending.slice(2, 4));
    const page = (number: number) =>
      expect.stringMatching(
        new RegExp(
          `^http://127.0.0.1:\\d+/api/v2/organizations/lists/projects\\?q=&sort=name&page%5Bnumber%5D=${number}&page%5Bsize%5D=2$`,
        ),
      );
    expect(links).toEqual({ self: page(2), first: page(1), prev: page(1), next: page(3), last: page(3) });
    expect(meta).toEqual({
      'status-counts': { total: 6, matching: 6 },
      pagination: {
        'current-page': 2,
        'page-size': 2,
        'prev-page': 1,
        'next-page': 3,
        'total-pages': 3,
        'total-count': 6,
      },
    });
  });

  test('past the end are empty with true counts', async () => {
    const answer = await get('page[number]=999&page[size]=100');
    expect([answer.status, answer.list()]).toEqual([200, []]);
    expect(answer.document().meta).toMatchObject({
      'status-counts': { total: 6, matching: 6 },
      pagination: { 'current-page': 999, 'prev-page': null, 'next-page': null, 'total-count': 6 },
    });
  });

  test('have twenty resources unless said otherwise, and a hundred at most', async () => {
    const sizeOf = async (query: string) => (await get(query)).document().meta.pagination['page-size'];
    expect(await sizeOf('')).toBe(20);
    expect(await sizeOf('page[size]=101')).toBe(100);
    expect(await sizeOf('page[size]=999999999')).toBe(100);
  });

  test.each([
    'page[number]=0',
    'page[number]=-1',
    'page[number]=abc',
    'page[number]=1.5',
    'page[number]=1e3',
    'page[number]=',
    'page[number]=99999999999999999999',
    'page[number]=%EF%BC%91',
    'page[number]=1&page[number]=2',
    'page[size]=0',
    'page[size]=-1',
    'page[size]=ten',
    'page[number]=-1&page[size]=-1',
    'sort=created-at',
    'filter[tagged][0][value]=x',
    'q=%00',
  ])('%s is refused', async (query) => {
    const answer = await get(query);
    expect([answer.status, answer.errors()]).toEqual([
      400,
      [{ status: '400', title: 'bad request', detail: expect.any(String) }],
    ]);
  });
});

describe('filters', () => {
  test.each<[string, string[]]>([
    ['sort=-name', [...ascending].reverse()],
    ['q=ELT', ['delta_x']],
    ['q=_', ['delta_x']],
    ['q=%25', []],
    ['q=%F0%9F%8E%89', []],
    ['filter[names]=ALPHA,gamma', ['alpha', 'gamma']],
    ['filter%5Bnames%5D=alpha&q=zzz', ['alpha']],
    ['filter[names]=', ascending],
    ['filter[tagged][0][key]=env&filter[tagged][0][value]=', ['beta']],
    ['filter[tagged][0][key]=env&filter[tagged][0][value]=dev', []],
    ['filter[permissions][update]', ascending],
    ['filter[permissions][create-workspace]=false&filter[permissions][move-stack]=true', ascending],
    ['unknown=1&filter[nothing]=2', ascending],
  ])('%s', async (query, expected) => {
    expect(await namesIn(query)).toEqual(expected);
  });

  test('tags are included once asked for; another include is refused in words that clients know', async () => {
    const document = (await get('include=effective_tag_bindings&filter[names]=beta')).document();
    expect(document.included).toMatchObject([{ type: 'effective-tag-bindings', attributes: { key: 'env' } }]);
    for (const path of ['/organizations/lists/projects', `/projects/${made[0]?.id}`]) {
      const [error] = (await tfe('GET', `${path}?include=workspaces`)).errors();
      expect(error).toMatchObject({ status: '400', detail: expect.stringMatching(/Invalid include parameter$/) });
    }
  });
});

test('what belongs to one organization does not exist for whoever belongs to another', async () => {
  await createOrganization(tfe, 'others');
  const body = tfeDocument('authentication-tokens');
  const answer = await tfe('POST', '/organizations/others/authentication-token', { body });
  const others = tfe.as(String(answer.resource().attributes.token));
  const stranger = await createPerson(tfe, 'stranger');
  const id = made[0]?.id;
  for (const client of [others, stranger.tfe]) {
    expect((await client('GET', '/organizations/lists/projects')).status).toBe(404);
    expect((await client('GET', `/projects/${id}`)).status).toBe(404);
    expect((await client('DELETE', `/projects/${id}`)).status).toBe(404);
    const renamed = await client('PATCH', `/projects/${id}`, { body: tfeDocument('projects', { name: 'stolen' }) });
    expect(renamed.status).toBe(404);
    expect((await client('GET', `/team-projects?filter[project][id]=${id}`)).status).toBe(404);
  }
  expect((await others('GET', '/organizations/others/projects')).list()).toHaveLength(1);
});

test('a team-project is the same resource everywhere, and its list needs a project', async () => {
  const team = await createTeam(tfe, 'lists', { name: 'platform' });
  const projectId = made[0]?.id;
  const relationships = {
    team: { data: { type: 'teams', id: team.id } },
    project: { data: { type: 'projects', id: projectId } },
  };
  const give = () =>
    tfe('POST', '/team-projects', { body: tfeDocument('team-projects', { access: 'write' }, relationships) });
  const answer = await give();
  const teamProject = answer.resource();
  expect([answer.status, teamProject]).toEqual([
    201,
    {
      id: expect.stringMatching(/^tprj-/),
      type: 'team-projects',
      attributes: {
        access: 'write',
        'project-access': { settings: 'read', teams: 'none', 'variable-sets': 'read' },
        'workspace-access': {
          runs: 'apply',
          variables: 'write',
          'state-versions': 'write',
          'sentinel-mocks': 'read',
          create: false,
          locking: true,
          delete: false,
          move: false,
          'run-tasks': false,
          'policy-overrides': false,
        },
      },
      relationships: {
        team: { data: { id: team.id, type: 'teams' }, links: { related: `/api/v2/teams/${team.id}` } },
        project: { data: { id: projectId, type: 'projects' }, links: { related: `/api/v2/projects/${projectId}` } },
      },
      links: { self: `/api/v2/team-projects/${teamProject.id}` },
    },
  ]);
  const path = `/team-projects/${teamProject.id}`;
  expect((await tfe('GET', path)).resource()).toEqual(teamProject);
  const list = await tfe('GET', `/team-projects?filter%5Bproject%5D%5Bid%5D=${projectId}&page[number]=1`);
  expect(list.list()).toEqual([teamProject]);
  expect(list.document().links.self).toContain(`filter%5Bproject%5D%5Bid%5D=${projectId}`);
  expect((await give()).errors()).toMatchObject([{ status: '422', detail: 'Team already has access to this project' }]);
  expect((await tfe('GET', '/team-projects')).errors()).toMatchObject([
    { status: '400', detail: 'filter[project][id] is required' },
  ]);
  const changed = await tfe('PATCH', path, { body: tfeDocument('team-projects', { access: 'admin' }) });
  expect(changed.resource().attributes).toMatchObject({ access: 'admin', 'project-access': { settings: 'delete' } });
  expect((await tfe('DELETE', path)).status).toBe(204);
  expect((await tfe('DELETE', path)).status).toBe(404);
});
