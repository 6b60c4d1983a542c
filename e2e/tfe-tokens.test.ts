// Tokens and accounts of the TFE API, over the whole system.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adminToken, type System, startSystem } from './src/system.js';
import {
  createOrganization,
  createPerson,
  createTeam,
  joinOrganization,
  type TfeClient,
  type TfePerson,
  tfeClient,
  tfeDocument,
} from './src/tfe-client.js';

describe.each(['inproc', 'nats'] as const)('tokens, over %s', (mesh) => {
  let system: System;
  let admin: TfeClient;
  let owner: TfePerson;
  let member: TfePerson;
  const org = 'acme-tokens';

  beforeAll(async () => {
    system = await startSystem({ mesh, githubUrl: 'file:///nowhere' });
    admin = tfeClient(system.url, adminToken);
    owner = await createPerson(admin, 'olga');
    member = await createPerson(admin, 'mia');
    await createOrganization(owner.tfe, org);
    await joinOrganization(owner.tfe, org, member);
  });
  afterAll(() => system.stop());

  test('a token is shown once, works until it is revoked, and tells when it was last used', async () => {
    const path = `/users/${member.id}/authentication-tokens`;
    const body = tfeDocument('authentication-tokens', { description: 'laptop' });
    const answer = await member.tfe('POST', path, { body });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const made = answer.resource();
    const text = String(made.attributes.token);
    expect(text).toMatch(/^[1-9A-HJ-NP-Za-km-z]{14}\.atlasv1\.[1-9A-HJ-NP-Za-km-z]{67}$/);
    const tfe = admin.as(text);
    expect((await tfe('GET', '/account/details')).resource().id).toBe(member.id);
    const shown = (await member.tfe('GET', `/authentication-tokens/${made.id}`)).resource();
    expect(shown.attributes).toMatchObject({ description: 'laptop', token: null, 'expired-at': null });
    expect(shown.attributes['last-used-at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect((await member.tfe('GET', path)).list().map(({ id }) => id)).toContain(made.id);
    expect((await owner.tfe('GET', `/authentication-tokens/${made.id}`)).status).toBe(404);
    expect((await owner.tfe('GET', path)).status).toBe(404);
    expect((await owner.tfe('DELETE', `/authentication-tokens/${made.id}`)).status).toBe(404);
    expect((await member.tfe('DELETE', `/authentication-tokens/${made.id}`)).status).toBe(204);
    expect((await tfe('GET', '/account/details')).status).toBe(401);
    expect(system.logged.join('\n')).not.toContain(text);
    expect(system.logged.join('\n')).not.toContain(adminToken);
  });

  test('an expired token is worth as little as none', async () => {
    const body = (expiredAt: string) => ({ body: tfeDocument('authentication-tokens', { 'expired-at': expiredAt }) });
    const path = `/users/${member.id}/authentication-tokens`;
    expect((await member.tfe('POST', path, body('2001-01-01T00:00:00Z'))).errors()[0]?.detail).toBe(
      'Expired at must be in the future',
    );
    expect((await member.tfe('POST', path, body('tomorrow'))).status).toBe(422);
    const soon = new Date(Date.now() + 1500).toISOString();
    const made = (await member.tfe('POST', path, body(soon))).resource();
    expect(made.attributes['expired-at']).toBe(soon);
    const tfe = admin.as(String(made.attributes.token));
    const statuses = new Set<number>();
    while (!statuses.has(401)) statuses.add((await tfe('GET', '/account/details')).status);
    expect([...statuses]).toContain(200);
  });

  test('tokens of a team and an organization act as service users, and only there', async () => {
    const team = await createTeam(owner.tfe, org, { name: 'robots', access: { 'manage-teams': true } });
    const path = `/teams/${team.id}/authentication-token`;
    expect((await owner.tfe('GET', path)).status).toBe(404);
    const first = String((await owner.tfe('POST', path)).resource().attributes.token);
    const second = String((await owner.tfe('POST', path)).resource().attributes.token);
    expect((await admin.as(first)('GET', '/account/details')).status).toBe(401);
    const robot = admin.as(second);
    const account = (await robot('GET', '/account/details')).resource();
    expect(account.attributes).toMatchObject({ 'is-service-account': true, email: null });
    expect(account.relationships['authenticated-resource']?.data).toEqual({ type: 'teams', id: team.id });
    expect((await robot('GET', `/organizations/${org}/teams`)).list().map(({ id }) => id)).toContain(team.id);
    expect((await robot('POST', '/organizations', { body: '{}' })).status).toBe(404);
    expect((await robot('GET', `/users/${account.id}/authentication-tokens`)).status).toBe(404);

    const orgPath = `/organizations/${org}/authentication-token`;
    const orgToken = String((await owner.tfe('POST', orgPath)).resource().attributes.token);
    const machine = admin.as(orgToken);
    const named = (await machine('GET', '/account/details')).resource();
    expect(named.relationships['authenticated-resource']?.data).toEqual({ type: 'organizations', id: org });
    expect((await machine('GET', `/organizations/${org}`)).status).toBe(200);
    expect((await machine('PATCH', `/organizations/${org}`, { body: '{}' })).status).toBe(404);
    expect((await machine('POST', orgPath)).status).toBe(404);
    expect(
      (await machine('POST', `/organizations/${org}/teams`, { body: tfeDocument('teams', { name: 'm' }) })).status,
    ).toBe(201);
    await createOrganization(admin, `other-${mesh}`);
    for (const tfe of [robot, machine]) {
      expect((await tfe('GET', `/organizations/other-${mesh}`)).status).toBe(404);
      expect((await tfe('GET', `/organizations/other-${mesh}/projects`)).status).toBe(404);
    }
    expect((await machine('DELETE', orgPath)).status).toBe(204);
    expect((await machine('GET', `/organizations/${org}`)).status).toBe(401);
    expect((await owner.tfe('DELETE', `/teams/${team.id}`)).status).toBe(204);
    expect((await robot('GET', '/account/details')).status).toBe(401);
  });

  test('accounts are made by site administrators alone, and one always stays', async () => {
    const body = tfeDocument('users', { username: 'eve', email: 'eve@example.com' });
    expect((await owner.tfe('POST', '/admin/users', { body })).status).toBe(404);
    expect((await owner.tfe('GET', '/admin/users')).status).toBe(404);
    const eve = (await admin('POST', '/admin/users', { body })).resource();
    const again = await admin('POST', '/admin/users', {
      body: tfeDocument('users', { username: 'EVE', email: 'other@example.com' }),
    });
    expect(again.errors()[0]).toMatchObject({
      detail: 'Username has already been taken',
      source: { pointer: '/data/attributes/username' },
    });
    const me = (await admin('GET', '/account/details')).resource();
    expect((await admin('POST', `/admin/users/${me.id}/actions/revoke_admin`)).status).toBe(403);
    expect((await admin('DELETE', `/admin/users/${me.id}`)).status).toBe(403);
    const granted = await admin('POST', `/admin/users/${eve.id}/actions/grant_admin`);
    expect(granted.resource().attributes['is-site-admin']).toBe(true);
    expect((await admin('DELETE', `/admin/users/${eve.id}`)).status).toBe(204);
    expect((await admin('GET', `/admin/users?q=eve@`)).list()).toEqual([]);
    const renamed = await member.tfe('PATCH', '/account/update', {
      body: tfeDocument('users', { email: 'm2@example.com' }),
    });
    expect(renamed.resource().attributes).toMatchObject({ username: 'mia', email: 'm2@example.com' });
    await member.tfe('PATCH', '/account/update', { body: tfeDocument('users', { email: 'mia@example.com' }) });
  });
});
