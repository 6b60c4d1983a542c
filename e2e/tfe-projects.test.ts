// The Projects API: the documentation's own samples, one resource everywhere, and every error.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type System, startSystem } from './src/system.js';
import { createOrganization, type TfeAnswer, type TfeClient, tfeClient, tfeDocument } from './src/tfe-client.js';
import { readProjectSamples, runCurl } from './src/tfe-samples.js';

const adminToken = 'e2e-admin-token-0123456789-0123456789';
const publicUrl = 'https://app.terraform.io';
const organization = 'my-organization';
const project = (attributes: object, relationships?: object) => tfeDocument('projects', attributes, relationships);

const open = (mesh: 'inproc' | 'nats', settings: Record<string, string>) =>
  startSystem({
    mesh,
    githubUrl: 'file:///nowhere',
    settings: { TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '0', ...settings },
  });

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let system: System;
  let tfe: TfeClient;
  beforeAll(async () => {
    system = await open(mesh, { TERRAMESH_PUBLIC_URL: publicUrl });
    tfe = tfeClient(system.url, adminToken);
    await createOrganization(tfe, organization);
  });
  afterAll(() => system?.stop());

  const create = (attributes: object, relationships?: object) =>
    tfe('POST', `/organizations/${organization}/projects`, { body: project(attributes, relationships) });
  const created = async (name: string, relationships?: object) => (await create({ name }, relationships)).resource();
  const addWorkspace = async (name: string, projectId: string) => {
    const relationships = { project: { data: { type: 'projects', id: projectId } } };
    const body = tfeDocument('workspaces', { name }, relationships);
    const answer = await tfe('POST', `/organizations/${organization}/workspaces`, { body });
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
    return answer.resource().id;
  };

  test("the documentation's requests, as printed, get the documentation's responses", async () => {
    const samples = await readProjectSamples();
    const made = await tfe('POST', `/organizations/${organization}/projects`, { body: samples.create.payload ?? '' });
    expect(made.status).toBe(201);
    const { id } = made.resource();
    const first = (await tfe('GET', `/organizations/${organization}/projects?filter[names]=default%20project`)).list();
    // The ids of the samples, and ours.
    const withOurIds = (text: string | undefined) =>
      (text ?? '')
        .replaceAll('prj-WsVcWRr7SfxRci1v', id)
        .replaceAll('prj-YoriCxAawTMDLswn', id)
        .replaceAll('prj-W6k9K23oSXRHGpj3', first[0]?.id ?? 'none');
    const run = ({ curl, payload }: { curl: string | undefined; payload: string | undefined }) =>
      runCurl(withOurIds(curl).replaceAll(publicUrl, system.url), { token: adminToken, payload });
    const expectSample = (text: string, sample: string | undefined) =>
      expect(JSON.parse(text)).toMatchObject(JSON.parse(withOurIds(sample)));

    expectSample(made.text, samples.create.response);
    for (const sample of [samples.update, samples.list, samples.show]) {
      const answer = await run(sample);
      expect([answer.status, answer.contentType]).toEqual([200, 'application/vnd.api+json']);
      expectSample(answer.text, sample.response);
    }
    expect(await run(samples.delete)).toMatchObject({ status: 204, text: '' });
    expect((await tfe('GET', `/projects/${id}`)).status).toBe(404);
  });

  test('create, show, update and list give the same resource', async () => {
    const tags = { 'tag-bindings': { data: [{ type: 'tag-bindings', attributes: { key: 'env', value: 'prod' } }] } };
    const attributes = {
      name: 'Same Everywhere',
      description: 'Zwölf Boxkämpfer 🎉',
      'auto-destroy-activity-duration': '14d',
    };
    const answer = await create(attributes, tags);
    const made = answer.resource();
    expect(made).toEqual({
      id: expect.stringMatching(/^prj-[1-9A-HJ-NP-Za-km-z]{16}$/),
      type: 'projects',
      attributes: {
        ...attributes,
        permissions: expect.objectContaining({ 'can-update': true, 'can-destroy': true, 'can-create-workspace': true }),
        'created-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        'workspace-count': 0,
        'team-count': 0,
        'default-execution-mode': 'remote',
        'setting-overwrites': { 'default-execution-mode': false, 'default-agent-pool': false },
      },
      relationships: {
        organization: {
          data: { id: organization, type: 'organizations' },
          links: { related: `/api/v2/organizations/${organization}` },
        },
        'default-agent-pool': { data: null },
        'tag-bindings': { links: { related: `/api/v2/projects/${made.id}/tag-bindings` } },
        'effective-tag-bindings': { links: { related: `/api/v2/projects/${made.id}/effective-tag-bindings` } },
      },
      links: { self: `/api/v2/projects/${made.id}` },
    });
    expect(answer.headers.get('content-type')).toBe('application/vnd.api+json');
    expect((await tfe('GET', `/projects/${made.id}`)).resource()).toEqual(made);
    const unchanged = await tfe('PATCH', `/projects/${made.id}`, { body: { data: { type: 'projects', id: made.id } } });
    expect([unchanged.status, unchanged.resource()]).toEqual([200, made]);
    const list = await tfe('GET', `/organizations/${organization}/projects?q=same+EVERYWHERE`);
    expect(list.list()).toEqual([made]);
  });

  test('an update changes what it names, clears what is null, and keeps the rest', async () => {
    const { id } = (
      await create({ name: 'Before', description: 'x', 'auto-destroy-activity-duration': '24h' })
    ).resource();
    const update = async (attributes: object) =>
      (await tfe('PATCH', `/projects/${id}`, { body: project(attributes) })).resource().attributes;
    expect(await update({ name: 'BEFORE' })).toMatchObject({ name: 'BEFORE', description: 'x' });
    expect(await update({ 'auto-destroy-activity-duration': null })).toMatchObject({
      'auto-destroy-activity-duration': null,
      description: 'x',
    });
    expect(await update({ description: null, 'default-execution-mode': 'local' })).toMatchObject({
      description: null,
      'default-execution-mode': 'local',
      'setting-overwrites': { 'default-execution-mode': true, 'default-agent-pool': true },
    });
    expect(await update({ 'setting-overwrites': { 'execution-mode': false, 'agent-pool': false } })).toMatchObject({
      'default-execution-mode': 'remote',
      'setting-overwrites': { 'default-execution-mode': false },
    });
  });

  test('tags are replaced on one path and added on the other, and inlined where asked', async () => {
    const data = (...keys: string[]) => ({ data: keys.map((key) => ({ type: 'tag-bindings', attributes: { key } })) });
    const { id } = await created('Tagged', { 'tag-bindings': data('zulu', 'alpha') });
    const keys = async (path: string) =>
      (await tfe('GET', `/projects/${id}/${path}`)).list().map(({ type, attributes }) => `${type} ${attributes.key}`);
    expect(await keys('tag-bindings')).toEqual(['tag-bindings zulu', 'tag-bindings alpha']);
    const added = await tfe('PATCH', `/projects/${id}/tag-bindings`, { body: data('new') });
    expect([added.status, added.list().length]).toEqual([200, 3]);
    const posted = await tfe('POST', `/projects/${id}/relationships/tag-bindings`, { body: data('more') });
    expect([posted.status, posted.text]).toEqual([204, '']);
    expect(await keys('relationships/tag-bindings')).toHaveLength(4);
    expect((await tfe('PATCH', `/projects/${id}/relationships/tag-bindings`, { body: data('alpha') })).status).toBe(
      204,
    );
    expect(await keys('effective-tag-bindings')).toEqual(['effective-tag-bindings alpha']);

    const shown = JSON.parse((await tfe('GET', `/projects/${id}?include=effective_tag_bindings`)).text);
    const [{ id: tagId }] = shown.included;
    expect(shown.included).toEqual([
      { id: tagId, type: 'effective-tag-bindings', attributes: { key: 'alpha', value: '' } },
    ]);
    expect(shown.data.relationships['effective-tag-bindings'].data).toEqual([
      { id: tagId, type: 'effective-tag-bindings' },
    ]);
    await tfe('PATCH', `/projects/${id}`, { body: project({}, { 'tag-bindings': { data: [] } }) });
    expect(await keys('tag-bindings')).toEqual([]);
  });

  test('workspaces move together or not at all, and a project that has some stays', async () => {
    const from = await created('Moving From');
    const to = await created('Moving To');
    const ids = [await addWorkspace('one', from.id), await addWorkspace('two', from.id)];
    const move = (...list: string[]) =>
      tfe('POST', `/projects/${to.id}/relationships/workspaces`, {
        body: { data: list.map((id) => ({ type: 'workspaces', id })) },
      });
    const refused = await move(...ids, 'ws-missing');
    expect([refused.status, refused.errors()]).toEqual([
      403,
      [{ status: '403', title: 'forbidden', detail: expect.stringMatching(/: ws-missing$/) }],
    ]);
    const counts = async () =>
      Promise.all(
        [from, to].map(
          async ({ id }) => (await tfe('GET', `/projects/${id}`)).resource().attributes['workspace-count'],
        ),
      );
    expect(await counts()).toEqual([2, 0]);
    expect((await tfe('DELETE', `/projects/${from.id}`)).status).toBe(403);
    expect((await move(...ids)).status).toBe(204);
    expect(await counts()).toEqual([0, 2]);
    expect((await tfe('DELETE', `/projects/${from.id}`)).status).toBe(204);
    expect((await tfe('DELETE', `/projects/${from.id}`)).status).toBe(404);
    expect((await tfe('DELETE', `/projects/${to.id}`)).errors()).toMatchObject([{ status: '403', title: 'forbidden' }]);
  });

  const unauthorized = { errors: [{ status: '401', title: 'unauthorized' }] };
  const notFound = { errors: [{ status: '404', title: 'not found' }] };
  const seen = ({ status, text }: TfeAnswer) => [status, JSON.parse(text)];

  test('401 is for tokens only, and the same for none and a wrong one', async () => {
    for (const token of [undefined, 'garbage', `${adminToken}x`]) {
      expect(seen(await tfe.as(token)('GET', `/organizations/${organization}/projects`))).toEqual([401, unauthorized]);
    }
    expect(seen(await tfe.as('garbage')('GET', '/no/such/route'))).toEqual([404, notFound]);
  });

  test('what does not exist or has an id of no shape is 404, whatever is asked of it', async () => {
    for (const id of ['prj-WsVcWRr7SfxRci1v', 'nonexisting', '%2e%2e', 'prj-%F0%9F%8E%89', "'--", 'x'.repeat(3000)]) {
      const body = project({ name: '' });
      expect(seen(await tfe('GET', `/projects/${id}`))).toEqual([404, notFound]);
      expect(seen(await tfe('PATCH', `/projects/${id}`, { body }))).toEqual([404, notFound]);
      expect(seen(await tfe('DELETE', `/projects/${id}`))).toEqual([404, notFound]);
      expect(seen(await tfe('POST', `/projects/${id}/relationships/workspaces`, { body }))).toEqual([404, notFound]);
    }
    for (const method of ['GET', 'POST'] as const) {
      const answer = await tfe(
        method,
        '/organizations/nobody/projects',
        method === 'POST' ? { body: project({}) } : {},
      );
      expect(seen(answer)).toEqual([404, notFound]);
    }
  });

  test('the Default Project may be renamed, never deleted', async () => {
    const [first] = (await tfe('GET', `/organizations/${organization}/projects?q=default`)).list();
    const rename = (name: string) => tfe('PATCH', `/projects/${first?.id}`, { body: project({ name }) });
    expect((await rename('Not The Default')).status).toBe(200);
    expect((await tfe('DELETE', `/projects/${first?.id}`)).errors()).toMatchObject([
      { status: '403', title: 'forbidden' },
    ]);
    expect((await rename('Default Project')).status).toBe(200);
  });

  test.each<[string, object, number, string, string | undefined]>([
    ['malformed JSON', { body: '{"data":' }, 400, 'JSON body is invalid', undefined],
    ['JSON that ends too late', { body: '{} x' }, 400, 'JSON body is invalid', undefined],
    ['a bomb of brackets', { body: '['.repeat(50_000) }, 400, 'JSON body is invalid', undefined],
    ['no body', {}, 422, 'unprocessable entity', '/data'],
    ['no data', { body: {} }, 422, 'unprocessable entity', '/data'],
    ['another type', { body: tfeDocument('teams', { name: 'fine' }) }, 422, 'invalid attribute', '/data/type'],
    ['no name', { body: project({}) }, 422, 'invalid attribute', '/data/attributes/name'],
    ['a taken name', { body: project({ name: 'DEFAULT project' }) }, 422, 'invalid attribute', '/data/attributes/name'],
    [
      'plain JSON',
      { body: project({ name: 'fine' }), headers: { 'Content-Type': 'application/json' } },
      415,
      'invalid content type',
      undefined,
    ],
  ])('%s is refused', async (_what, options, status, title, pointer) => {
    const answer = await tfe('POST', `/organizations/${organization}/projects`, options);
    expect([answer.status, answer.errors()]).toEqual([
      status,
      [{ status: String(status), title, detail: expect.any(String), ...(pointer ? { source: { pointer } } : {}) }],
    ]);
  });

  test('a name is 3 to 36 letters, digits, spaces, - and _; every broken rule is told at once', async () => {
    const details = async (name: unknown) => {
      const answer = await create({ name });
      if (answer.status === 201) return [];
      expect(answer.status).toBe(422);
      return answer.errors().map(({ detail }) => detail?.split(/ \(| letters/)[0]);
    };
    expect(await details('x'.repeat(36))).toEqual([]);
    expect(await details('abc')).toEqual([]);
    expect(await details('ab')).toEqual(['Name is too short']);
    expect(await details('x'.repeat(37))).toEqual(['Name is too long']);
    expect(await details('!'.repeat(37))).toEqual(['Name is too long', 'Name may only contain']);
    for (const name of ['! / nope', ' abc', 'abc ', 'äöü', 'שלום', 'ab\u200bc', 'a\tb', 'abc\n', '🎉🎉🎉', 'a.b.c']) {
      expect(await details(name)).toEqual(['Name may only contain']);
    }
    for (const name of [1, true, [], {}, ['abc']]) expect(await details(name)).toEqual(['Name must be a string']);
    expect((await create({ name: 'nul\0' })).status).toBe(400);
    expect((await create({ name: 'Unknown Kept Out', colour: 'red' })).status).toBe(201);
    expect(
      (await create({ name: 'x', description: 1, 'auto-destroy-activity-duration': '20m' })).errors(),
    ).toHaveLength(3);
  });
});

test('links are those of the host that a trusted proxy was asked for, and names as long as the setting says', async () => {
  const system = await open('inproc', { TERRAMESH_TRUST_PROXY: 'true', TERRAMESH_PROJECT_NAME_MAX_LENGTH: '40' });
  try {
    const tfe = tfeClient(system.url, adminToken);
    await createOrganization(tfe, organization);
    const headers = { 'X-Forwarded-Host': 'tfe.example.com:8443', 'X-Forwarded-Proto': 'https' };
    const path = `/organizations/${organization}/projects`;
    const { links } = (await tfe('GET', `${path}?q=default&page[size]=1`, { headers })).document();
    const url = `https://tfe.example.com:8443/api/v2${path}?q=default&page%5Bnumber%5D=1&page%5Bsize%5D=1`;
    expect(links).toEqual({ self: url, first: url, prev: null, next: null, last: url });
    const statusOf = async (name: string) => (await tfe('POST', path, { body: project({ name }) })).status;
    expect([await statusOf('x'.repeat(40)), await statusOf('x'.repeat(41))]).toEqual([201, 422]);
  } finally {
    await system.stop();
  }
});
