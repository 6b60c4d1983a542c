// Organizations, teams and members of the TFE API, over the whole system.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adminToken, type System, startSystem } from './src/system.js';
import {
  createOrganization,
  createPerson,
  createTeam,
  joinOrganization,
  type TfeClient,
  type TfePerson,
  type TfeResource,
  tfeClient,
  tfeDocument,
} from './src/tfe-client.js';

describe.each(['inproc', 'nats'] as const)('who is who, over %s', (mesh) => {
  let system: System;
  let admin: TfeClient;
  let owner: TfePerson;
  let member: TfePerson;
  let stranger: TfePerson;
  const org = 'acme-identity';

  beforeAll(async () => {
    system = await startSystem({ mesh, githubUrl: 'file:///nowhere' });
    admin = tfeClient(system.url, adminToken);
    owner = await createPerson(admin, 'olga');
    member = await createPerson(admin, 'mia');
    stranger = await createPerson(admin, 'sven');
    await createOrganization(owner.tfe, org);
    await joinOrganization(owner.tfe, org, member);
  });
  afterAll(() => system.stop());

  const ownersTeam = async (): Promise<TfeResource> => {
    const list = (await owner.tfe('GET', `/organizations/${org}/teams?filter%5Bnames%5D=Owners`)).list();
    const [team] = list;
    if (team === undefined) throw new Error('an organization has owners');
    return team;
  };

  test('the administrator of the setting is there, and is a site administrator', async () => {
    const account = (await admin('GET', '/account/details')).resource();
    expect(account).toMatchObject({
      type: 'users',
      attributes: { username: 'admin', 'is-site-admin': true, 'is-service-account': false },
    });
    expect(account.id).toMatch(/^user-[1-9A-HJ-NP-Za-km-z]{16}$/);
  });

  test('create, show, list and update of an organization give the same resource', async () => {
    const made = await createOrganization(owner.tfe, `same-${mesh}`);
    expect((await owner.tfe('GET', `/organizations/same-${mesh}`)).resource()).toEqual(made);
    expect((await owner.tfe('GET', `/organizations/SAME-${mesh}`)).resource()).toEqual(made);
    const listed = (await owner.tfe('GET', `/organizations?q=ame-${mesh}`)).list();
    expect(listed).toEqual([made]);
    const mailed = (await owner.tfe('GET', '/organizations?q=OPS%40example')).list();
    expect(mailed).toContainEqual(made);
    const same = await owner.tfe('PATCH', `/organizations/same-${mesh}`, { body: tfeDocument('organizations') });
    expect(same.resource()).toEqual(made);
    expect(made.attributes).toMatchObject({ email: 'ops@example.com', 'default-execution-mode': 'remote' });
    const included = await owner.tfe('GET', `/organizations/same-${mesh}?include=default-project,entitlement-set`);
    expect(included.document().included).toMatchObject([
      { type: 'projects', attributes: { name: 'Default Project' } },
      { type: 'entitlement-sets', id: made.attributes['external-id'] },
    ]);
    const unknown = await owner.tfe('GET', `/organizations/same-${mesh}?include=everything`);
    expect([unknown.status, unknown.errors()]).toEqual([
      400,
      [{ status: '400', title: 'bad request', detail: 'Invalid include parameter' }],
    ]);
  });

  test('an organization is renamed, keeps what was set, and goes with everything in it', async () => {
    await createOrganization(owner.tfe, `before-${mesh}`);
    await createTeam(owner.tfe, `before-${mesh}`, { name: 'all-of-us', people: [owner] });
    const patch = tfeDocument('organizations', { name: `After-${mesh}`, 'default-execution-mode': 'local' });
    const after = (await owner.tfe('PATCH', `/organizations/before-${mesh}`, { body: patch })).resource();
    expect(after).toMatchObject({ id: `After-${mesh}`, attributes: { 'default-execution-mode': 'local' } });
    expect((await owner.tfe('GET', `/organizations/before-${mesh}`)).status).toBe(404);
    expect((await owner.tfe('DELETE', `/organizations/After-${mesh}`)).status).toBe(204);
    expect((await owner.tfe('DELETE', `/organizations/After-${mesh}`)).status).toBe(404);
  });

  test('a name that is taken in another case, too short or with other signs is refused, all rules at once', async () => {
    const create = (attributes: object) =>
      owner.tfe('POST', '/organizations', { body: tfeDocument('organizations', attributes) });
    const taken = await create({ name: org.toUpperCase(), email: 'a@example.com' });
    expect([taken.status, taken.errors()]).toEqual([
      422,
      [
        {
          status: '422',
          title: 'invalid attribute',
          detail: 'Name has already been taken',
          source: { pointer: '/data/attributes/name' },
        },
      ],
    ]);
    const bad = await create({ name: '!', email: 7, 'session-timeout': 'long' });
    expect(bad.errors().map(({ source, detail }) => `${source?.pointer} ${detail}`)).toEqual([
      '/data/attributes/name Name is too short (minimum is 3 characters)',
      '/data/attributes/name Name may only contain letters, numbers, hyphens, and underscores',
      '/data/attributes/email Email must be a string',
      '/data/attributes/session-timeout Session timeout must be a number',
    ]);
    expect((await create({ name: 'x'.repeat(41), email: 'a@b' })).status).toBe(422);
    expect((await create({ name: `${mesh}-${'x'.repeat(39 - mesh.length)}`, email: 'a@b' })).status).toBe(201);
  });

  test('who does not belong sees nothing; who belongs sees, and may not change', async () => {
    for (const path of ['', '/teams', '/organization-memberships', '/entitlement-set', '/authentication-token']) {
      const answer = await stranger.tfe('GET', `/organizations/${org}${path}`);
      expect([path, answer.status, answer.text]).toEqual([
        path,
        404,
        '{"errors":[{"status":"404","title":"not found"}]}\n',
      ]);
    }
    expect((await stranger.tfe('GET', `/users/${owner.id}`)).status).toBe(404);
    expect((await stranger.tfe('GET', '/organizations')).list()).toEqual([]);
    expect((await member.tfe('GET', `/organizations/${org}`)).resource().attributes.permissions).toMatchObject({
      'can-update': false,
      'can-destroy': false,
      'can-traverse': true,
    });
    const team = await ownersTeam();
    const body = tfeDocument('organizations', { email: 'mine@example.com' });
    expect((await member.tfe('PATCH', `/organizations/${org}`, { body })).status).toBe(404);
    expect((await member.tfe('DELETE', `/organizations/${org}`)).status).toBe(404);
    expect((await member.tfe('GET', `/teams/${team.id}`)).status).toBe(404);
    expect((await member.tfe('GET', `/organizations/${org}/teams`)).list()).toEqual([]);
    expect((await member.tfe('GET', `/users/${owner.id}`)).resource().attributes.email).toBeNull();
    expect((await member.tfe('POST', `/organizations/${org}/teams`, { body: '{}' })).status).toBe(404);
  });

  test('an organization cannot lose its last owner', async () => {
    const team = await ownersTeam();
    const users = (person: TfePerson) => ({ body: { data: [{ type: 'users', id: person.username }] } });
    const last = await owner.tfe('DELETE', `/teams/${team.id}/relationships/users`, users(owner));
    expect([last.status, last.errors()]).toEqual([
      403,
      [{ status: '403', title: 'forbidden', detail: 'an organization needs an owner' }],
    ]);
    expect((await owner.tfe('DELETE', `/teams/${team.id}`)).status).toBe(403);
    expect((await admin('DELETE', `/admin/users/${owner.id}`)).status).toBe(403);
    const [own] = (await owner.tfe('GET', '/organization-memberships')).list();
    expect((await owner.tfe('DELETE', `/organization-memberships/${own?.id}`)).status).toBe(403);
    expect((await owner.tfe('POST', `/teams/${team.id}/relationships/users`, users(member))).status).toBe(204);
    // Both leave at the same moment: one stays.
    const answers = await Promise.all(
      [owner, member].map((person) => owner.tfe('DELETE', `/teams/${team.id}/relationships/users`, users(person))),
    );
    expect(answers.map(({ status }) => status).sort()).not.toEqual([204, 204]);
    expect((await admin('POST', `/teams/${team.id}/relationships/users`, users(owner))).status).toBe(204);
    await admin('DELETE', `/teams/${team.id}/relationships/users`, users(member));
  });

  test('a team: the same from every route, its rules, its members', async () => {
    const path = `/organizations/${org}/teams`;
    const wrong = tfeDocument('teams', { name: 'wrong', 'organization-access': { 'manage-projects': true } });
    expect((await owner.tfe('POST', path, { body: wrong })).errors()).toEqual([
      {
        status: '422',
        title: 'invalid attribute',
        detail: 'Organization access manage-projects needs manage-workspaces',
        source: { pointer: '/data/attributes/organization-access' },
      },
    ]);
    const access = { 'manage-projects': true, 'manage-workspaces': true, 'invented-here': true };
    const made = await createTeam(owner.tfe, org, { name: 'builders', access });
    expect(made.attributes['organization-access']).toMatchObject({ 'manage-projects': true, 'manage-teams': false });
    expect((await owner.tfe('GET', `/teams/${made.id}`)).resource()).toEqual(made);
    expect((await owner.tfe('GET', `${path}?q=uilder`)).list()).toEqual([made]);
    expect((await owner.tfe('PATCH', `/teams/${made.id}`, { body: tfeDocument('teams') })).resource()).toEqual(made);
    for (const name of ['Builders', 'owners', 'OWNERS']) {
      const answer = await owner.tfe('POST', path, { body: tfeDocument('teams', { name }) });
      expect([answer.status, answer.errors()[0]?.detail]).toEqual([422, 'Name has already been taken']);
    }
    const add = { body: { data: [member, stranger].map(({ username }) => ({ type: 'users', id: username })) } };
    const refused = await owner.tfe('POST', `/teams/${made.id}/relationships/users`, add);
    expect([refused.status, refused.errors()[0]?.source?.pointer]).toEqual([422, '/data/1/id']);
    expect((await owner.tfe('GET', `/teams/${made.id}`)).resource().attributes['users-count']).toBe(0);
    const [membership] = (await owner.tfe('GET', `/organizations/${org}/organization-memberships?q=mia`)).list();
    const byMembership = { body: { data: [{ type: 'organization-memberships', id: membership?.id }] } };
    const relationship = `/teams/${made.id}/relationships/organization-memberships`;
    expect((await owner.tfe('POST', relationship, byMembership)).status).toBe(204);
    const shown = await member.tfe('GET', `/teams/${made.id}?include=users,organization-memberships`);
    expect(shown.resource().relationships.users?.data).toEqual([{ type: 'users', id: member.id }]);
    expect(shown.document().included?.map(({ type }) => type)).toEqual(['users', 'organization-memberships']);
    expect((await owner.tfe('DELETE', relationship, byMembership)).status).toBe(204);
    expect((await owner.tfe('DELETE', `/teams/${made.id}`)).status).toBe(204);
    expect((await owner.tfe('DELETE', `/teams/${made.id}`)).status).toBe(404);
  });

  test('who manages teams makes neither owners nor permissions', async () => {
    const team = await createTeam(owner.tfe, org, {
      name: 'lead',
      access: { 'manage-teams': true },
      people: [member],
    });
    const owners = await ownersTeam();
    const self = { body: { data: [{ type: 'users', id: member.username }] } };
    expect((await member.tfe('POST', `/teams/${owners.id}/relationships/users`, self)).status).toBe(404);
    expect((await member.tfe('POST', `/teams/${owners.id}/authentication-token`)).status).toBe(404);
    const access = tfeDocument('teams', { 'organization-access': { 'manage-membership': true } });
    expect((await member.tfe('PATCH', `/teams/${team.id}`, { body: access })).status).toBe(404);
    const powerful = tfeDocument('teams', { name: 'p', 'organization-access': { 'manage-membership': true } });
    expect((await member.tfe('POST', `/organizations/${org}/teams`, { body: powerful })).status).toBe(404);
    expect((await member.tfe('POST', `/organizations/${org}/authentication-token`)).status).toBe(404);
    const plain = await member.tfe('POST', `/organizations/${org}/teams`, {
      body: tfeDocument('teams', { name: 'plain' }),
    });
    expect(plain.status).toBe(201);
    expect((await owner.tfe('DELETE', `/teams/${team.id}`)).status).toBe(204);
  });

  test('a membership: of an existing account, once, and leaving ends the teams too', async () => {
    const path = `/organizations/${org}/organization-memberships`;
    const body = (email: string) => ({ body: tfeDocument('organization-memberships', { email }) });
    const nobody = await owner.tfe('POST', path, body('nobody@example.com'));
    expect([nobody.status, nobody.errors()[0]?.detail]).toEqual([
      422,
      'Email has no account yet; a site administrator makes accounts with POST /api/v2/admin/users',
    ]);
    expect((await owner.tfe('POST', path, body('MIA@example.com'))).errors()[0]?.detail).toBe(
      'Email has already been taken',
    );
    expect((await member.tfe('POST', path, body('sven@example.com'))).status).toBe(404);
    const team = await createTeam(owner.tfe, org, { name: 'guests' });
    const invited = tfeDocument(
      'organization-memberships',
      { username: 'Sven' },
      { teams: { data: [{ type: 'teams', id: team.id }] } },
    );
    const made = (await owner.tfe('POST', path, { body: invited })).resource();
    expect(made).toMatchObject({ attributes: { status: 'active', email: 'sven@example.com' } });
    expect((await owner.tfe('GET', `/organization-memberships/${made.id}`)).resource()).toEqual(made);
    expect((await stranger.tfe('GET', `/teams/${team.id}`)).status).toBe(200);
    const listed = await owner.tfe('GET', `${path}?filter%5Bemail%5D=sven@example.com&include=user`);
    expect(listed.list()).toEqual([made]);
    expect(listed.document().included).toMatchObject([{ type: 'users', id: stranger.id }]);
    expect((await owner.tfe('GET', `${path}?filter%5Bstatus%5D=invited`)).list()).toEqual([]);
    expect((await stranger.tfe('DELETE', `/organization-memberships/${made.id}`)).status).toBe(204);
    expect((await stranger.tfe('GET', `/teams/${team.id}`)).status).toBe(404);
    expect((await owner.tfe('GET', `/teams/${team.id}`)).resource().attributes['users-count']).toBe(0);
  });
});
