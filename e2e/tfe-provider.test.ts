// What the tfe provider sends in the life of a workspace, and reads back: where it reads something else than it wrote,
// Terraform plans the same change again and again.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminToken } from './src/system.js';
import { createOrganization, type TfeClient, tfeClient, tfeDocument } from './src/tfe-client.js';
import { startWorld, type World } from './src/world.js';

let world: World;
let tfe: TfeClient;
beforeAll(async () => {
  world = await startWorld({ mesh: 'inproc' });
  tfe = tfeClient(world.url, adminToken);
  await createOrganization(tfe, 'acme');
});
afterAll(() => world?.stop());

/** Sent with every create and every update. */
const always = {
  'allow-destroy-plan': true,
  'auto-apply': false,
  'auto-apply-run-trigger': false,
  description: '',
  'file-triggers-enabled': true,
  'queue-all-runs': true,
  'speculative-enabled': true,
  'structured-run-output-enabled': true,
  'working-directory': '',
};
const app = 'ghain-1234567890123456';
const token = 'ot-1234567890123456';

async function create(name: string, attributes: object) {
  const overwrites = { 'execution-mode': false, 'agent-pool': false };
  const body = tfeDocument('workspaces', {
    ...always,
    name,
    'assessments-enabled': false,
    'inherits-project-auto-destroy': true,
    'setting-overwrites': overwrites,
    ...attributes,
  });
  const answer = await tfe('POST', '/organizations/acme/workspaces', { body });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.resource().id;
}

/** The attributes that it reads after the update. */
async function update(id: string, attributes: object) {
  const { name } = (await tfe('GET', `/workspaces/${id}`)).resource().attributes;
  const body = tfeDocument('workspaces', { ...always, 'global-remote-state': false, name, ...attributes });
  const answer = await tfe('PATCH', `/workspaces/${id}`, { body });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return (await tfe('GET', `/workspaces/${id}`)).resource().attributes;
}

test('a repository by GitHub app, then by token, without a branch, gone and back', async () => {
  const vcs = { identifier: 'acme/provided', 'ingress-submodules': false, 'tags-regex': '' };
  const id = await create('repository', {
    'vcs-repo': { ...vcs, branch: 'main', 'github-app-installation-id': app },
  });
  expect((await tfe('GET', `/workspaces/${id}`)).resource().attributes['vcs-repo']).toMatchObject({
    branch: 'main',
    'github-app-installation-id': app,
    'oauth-token-id': null,
  });
  const byToken = { ...vcs, branch: '', 'oauth-token-id': token, 'github-app-installation-id': '' };
  expect((await update(id, { 'vcs-repo': byToken }))['vcs-repo']).toMatchObject({
    branch: '',
    'github-app-installation-id': null,
    'oauth-token-id': token,
  });
  expect(
    (await tfe('PATCH', `/workspaces/${id}`, { body: tfeDocument('workspaces', { 'vcs-repo': null }) })).status,
  ).toBe(200);
  expect((await update(id, {}))['vcs-repo']).toBeNull();
  expect((await update(id, { 'vcs-repo': byToken }))['vcs-repo']).toMatchObject({ identifier: 'acme/provided' });
});

test('triggers by pattern, by prefix instead, and none', async () => {
  const id = await create('triggers', { 'trigger-patterns': ['/modules/**/*'] });
  const kinds = ({ 'trigger-prefixes': prefixes, 'trigger-patterns': patterns }: Record<string, unknown>) => [
    prefixes,
    patterns,
  ];
  expect(kinds(await update(id, { 'trigger-prefixes': ['modules'] }))).toEqual([['modules'], []]);
  expect(kinds(await update(id, { 'trigger-patterns': ['/x/*'] }))).toEqual([[], ['/x/*']]);
  // With neither in the configuration it sends the one empty list.
  expect(kinds(await update(id, { 'trigger-prefixes': [] }))).toEqual([[], []]);
});

test('auto destroy of its own, at a time, after a duration, and none', async () => {
  const own = { 'inherits-project-auto-destroy': false };
  const id = await create('destroys', { ...own, 'auto-destroy-at': '2030-01-01T00:00:00Z' });
  const read = async () => {
    const { attributes } = (await tfe('GET', `/workspaces/${id}`)).resource();
    return [
      attributes['inherits-project-auto-destroy'],
      attributes['auto-destroy-at'],
      attributes['auto-destroy-activity-duration'],
    ];
  };
  expect(await read()).toEqual([false, '2030-01-01T00:00:00.000Z', null]);
  await update(id, { 'auto-destroy-at': null, 'auto-destroy-activity-duration': '14d' });
  expect(await read()).toEqual([false, null, '14d']);
  await update(id, { 'auto-destroy-activity-duration': null, 'inherits-project-auto-destroy': true });
  expect(await read()).toEqual([true, null, null]);
});

test('what is not served here is not found, which the provider says at once instead of trying again', async () => {
  const id = await create('not-served', {});
  const key = { body: tfeDocument('workspaces', { id: 'sshkey-1234567890123456' }) };
  const consumers = { body: { data: [{ type: 'workspaces', id }] } };
  for (const [method, path, body] of [
    ['PATCH', 'ssh-key', key],
    ['POST', 'remote-state-consumers', consumers],
    ['DELETE', 'remote-state-consumers', consumers],
  ] as const) {
    const answer = await tfe(method, `/workspaces/${id}/relationships/${path}`, body);
    expect([method, path, answer.errors()]).toEqual([method, path, [{ status: '404', title: 'not found' }]]);
  }
});
