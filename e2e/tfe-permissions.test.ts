// Every role and every operation on projects: what it may do, and that the rest does not exist for it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type System, startSystem } from './src/system.js';
import {
  createOrganization,
  createPerson,
  createTeam,
  joinOrganization,
  type TfeClient,
  tfeClient,
  tfeDocument,
} from './src/tfe-client.js';

const adminToken = 'e2e-admin-token-0123456789-0123456789';
const organization = 'matrix';

let system: System;
let owner: TfeClient;
let count = 0;
beforeAll(async () => {
  const settings = { TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '0' };
  system = await startSystem({ mesh: 'inproc', githubUrl: 'file:///nowhere', settings });
  const admin = tfeClient(system.url, adminToken);
  await createOrganization(admin, organization);
  owner = admin;
});
afterAll(() => system?.stop());

const project = (attributes: object) => tfeDocument('projects', attributes);
const unique = (word: string) => {
  count += 1;
  return `${word}-${count}`;
};
const createProject = async (client: TfeClient = owner) =>
  client('POST', `/organizations/${organization}/projects`, { body: project({ name: unique('project') }) });
const createWorkspace = (client: TfeClient, projectId: string) =>
  client('POST', `/organizations/${organization}/workspaces`, {
    body: tfeDocument('workspaces', { name: unique('ws') }, { project: { data: { type: 'projects', id: projectId } } }),
  });
const giveAccess = (
  client: TfeClient,
  { teamId, projectId, access }: { teamId: string; projectId: string; access: object },
) =>
  client('POST', '/team-projects', {
    body: tfeDocument('team-projects', access, {
      team: { data: { type: 'teams', id: teamId } },
      project: { data: { type: 'projects', id: projectId } },
    }),
  });
const tags = (...pairs: [string, string][]) => ({
  data: pairs.map(([key, value]) => ({ type: 'tag-bindings', attributes: { key, value } })),
});

/** A person in a team of their own. */
async function newMember(access: object = {}): Promise<{ tfe: TfeClient; teamId: string }> {
  const person = await createPerson(owner, unique('person'));
  await joinOrganization(owner, organization, person);
  const team = await createTeam(owner, organization, { name: unique('team'), access, people: [person] });
  return { tfe: person.tfe, teamId: team.id };
}

async function tokenOf(path: string): Promise<TfeClient> {
  const answer = await owner('POST', `${path}/authentication-token`, { body: tfeDocument('authentication-tokens') });
  return owner.as(String(answer.resource().attributes.token));
}

async function ownersToken(): Promise<TfeClient> {
  const teams = (await owner('GET', `/organizations/${organization}/teams`)).list();
  return tokenOf(`/teams/${teams.find(({ attributes }) => attributes.name === 'owners')?.id}`);
}

interface Role {
  readonly tfe: TfeClient;
  /** Undefined for a token that no grant can be given to. */
  readonly teamId?: string;
}

// Which of the operations below a role may do.
const everything = 'create list show update tag retag workspace move grant destroy';
const roles: [string, () => Promise<Role>, object | undefined, string][] = [
  ['an owner', async () => ({ tfe: owner }), undefined, everything],
  ['the token of the owners', async () => ({ tfe: await ownersToken() }), undefined, everything],
  [
    "the organization's token",
    async () => ({ tfe: await tokenOf(`/organizations/${organization}`) }),
    undefined,
    everything,
  ],
  ['manage-projects', () => newMember({ 'manage-projects': true, 'manage-workspaces': true }), undefined, everything],
  ['read-projects', () => newMember({ 'read-projects': true, 'read-workspaces': true }), undefined, 'list show'],
  ['read-workspaces', () => newMember({ 'read-workspaces': true }), undefined, 'list show'],
  ['admin', () => newMember(), { access: 'admin' }, 'list show update tag retag workspace move grant destroy'],
  ['maintain', () => newMember(), { access: 'maintain' }, 'list show tag workspace'],
  ['write', () => newMember(), { access: 'write' }, 'list show tag'],
  ['read', () => newMember(), { access: 'read' }, 'list show'],
  ['custom', () => newMember(), { access: 'custom' }, 'list show'],
  [
    'custom with settings update',
    () => newMember(),
    { access: 'custom', 'project-access': { settings: 'update' } },
    'list show update',
  ],
  [
    'custom with settings delete',
    () => newMember(),
    { access: 'custom', 'project-access': { settings: 'delete' } },
    'list show update destroy',
  ],
  [
    'custom with workspaces to create and move',
    () => newMember(),
    { access: 'custom', 'workspace-access': { create: true, move: true } },
    'list show workspace move',
  ],
  [
    'custom with teams to manage',
    () => newMember(),
    { access: 'custom', 'project-access': { teams: 'manage' } },
    'list show grant',
  ],
  ['a plain member', () => newMember(), undefined, ''],
];

test.each(roles)('%s', async (_name, newRole, access, may) => {
  const { tfe, teamId } = await newRole();
  const target = (await createProject()).resource().id;
  const source = (await createProject()).resource().id;
  const workspaceId = (await createWorkspace(owner, source)).resource().id;
  await owner('PATCH', `/projects/${target}/tag-bindings`, { body: tags(['old', '1']) });
  if (access !== undefined && teamId !== undefined) {
    for (const projectId of [target, source]) {
      expect((await giveAccess(owner, { teamId, projectId, access })).status).toBe(201);
    }
  }
  const other = await createTeam(owner, organization, { name: unique('other') });

  const operations: [string, () => Promise<{ status: number }>, number][] = [
    ['create', () => createProject(tfe), 201],
    ['show', () => tfe('GET', `/projects/${target}`), 200],
    ['update', () => tfe('PATCH', `/projects/${target}`, { body: project({ name: unique('renamed') }) }), 200],
    ['tag', () => tfe('PATCH', `/projects/${target}/tag-bindings`, { body: tags(['new', '1']) }), 200],
    ['retag', () => tfe('PATCH', `/projects/${target}/relationships/tag-bindings`, { body: tags(['old', '2']) }), 204],
    ['workspace', () => createWorkspace(tfe, source), 201],
    [
      'move',
      () =>
        tfe('POST', `/projects/${target}/relationships/workspaces`, {
          body: { data: [{ type: 'workspaces', id: workspaceId }] },
        }),
      204,
    ],
    ['grant', () => giveAccess(tfe, { teamId: other.id, projectId: target, access: { access: 'read' } }), 201],
  ];
  const flags = (await tfe('GET', `/projects/${target}`)).status === 200 ? await flagsOf(tfe, target) : {};
  const listed = await tfe('GET', `/organizations/${organization}/projects?page[size]=100`);
  const seen: string[] = listed.list().some(({ id }) => id === target) ? ['list'] : [];
  for (const [name, attempt, success] of operations) {
    const { status } = await attempt();
    // What may not be done does not exist.
    expect({ name, status }).toEqual({ name, status: status === success ? success : 404 });
    if (status === success) seen.push(name);
  }
  // What a move left behind would refuse it.
  const emptied = (await createProject()).resource().id;
  if (access !== undefined && teamId !== undefined) await giveAccess(owner, { teamId, projectId: emptied, access });
  const { status } = await tfe('DELETE', `/projects/${emptied}`);
  expect([204, 404]).toContain(status);
  if (status === 204) seen.push('destroy');

  const expected = may.split(' ').filter(Boolean).sort();
  expect(seen.sort()).toEqual(expected);
  if (expected.includes('show')) {
    expect(flags).toMatchObject({
      'can-read': true,
      'can-update': expected.includes('update'),
      'can-destroy': expected.includes('destroy'),
      'can-create-workspace': expected.includes('workspace'),
      'can-move-workspace': expected.includes('move'),
      'can-manage-tags': expected.includes('retag'),
      'can-manage-teams': expected.includes('grant'),
    });
  }
});

async function flagsOf(tfe: TfeClient, id: string): Promise<unknown> {
  return (await tfe('GET', `/projects/${id}`)).resource().attributes.permissions;
}
