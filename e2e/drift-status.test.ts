// The samples of the documentation, produced by real runs; what keeps drift silent, over HTTP.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AtlantisDetection, AtlantisDriftStatus, IgnoreRule } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { type DriftWorld, golden, shapeOf, startDriftWorld } from './src/drifting.js';
import { resource } from './src/world.js';

const atlantisYaml = `version: 3
projects:
${['vpc', 'ec2', 'rds'].map((name) => `- name: ${name}\n  dir: modules/${name}\n  workspace: production\n`).join('')}`;
const projects = ['vpc', 'ec2', 'rds'];

interface RecordBody {
  readonly id: string;
  readonly project_name: string;
  readonly status: string;
  readonly quiet: string | null;
  readonly fingerprint: string | null;
  readonly owner: string | null;
  readonly changes: readonly { readonly address: string; readonly attributes: readonly object[] }[];
  readonly history: readonly { readonly kind: string; readonly detail: string }[];
}

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: DriftWorld;
  const repository = 'owner/repo';

  beforeAll(async () => {
    world = await startDriftWorld({ mesh, driftReplicas: 2, settings: { TERRAMESH_DRIFT_BREAKER_TARGETS: '50' } });
    for (const name of projects) await world.setWorld(name, 'as it was');
    const files = Object.fromEntries(projects.map((name) => [`modules/${name}/main.tf`, world.drifting(name)]));
    const repo = await world.settle(repository, { 'atlantis.yaml': atlantisYaml, ...files }, { projects });
    const more = ['one', 'two'].map((name) => `resource "terraform_data" "${name}" {}\n`).join('');
    await repo.commit({ 'modules/vpc/main.tf': world.drifting('vpc', more) });
    await world.setWorld('vpc', 'by hand');
    await world.setWorld('rds', 'by hand');
    await world.look(repository, { projects });
  });
  afterAll(() => world?.stop());

  const get = async <T>(path: string) => {
    const answer = await world.http('GET', path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    return answer.json<T>();
  };
  const recordOf = async (name: string) => {
    const { records } = await get<{ records: RecordBody[] }>(
      `/api/drift/records?repository=${repository}&project=${name}`,
    );
    return records[0] as RecordBody;
  };
  const detailsOf = async (name: string) => get<RecordBody>(`/api/drift/records/${(await recordOf(name)).id}`);
  const write = (method: string, path: string, body?: object) =>
    world.http(method, `/api/drift/${path}`, body === undefined ? {} : { body });

  test('the sample with drift', async () => {
    const sample = await golden<AtlantisDriftStatus>('drift-status');
    const body = await get<AtlantisDriftStatus>(`/api/drift/status?repository=${repository}`);
    expect(shapeOf({ ...body, Projects: body.Projects.slice(0, 2) })).toEqual(shapeOf(sample));
    expect(body).toMatchObject({ Repository: 'owner/repo', TotalProjects: 3, ProjectsWithDrift: 2 });
    const named = (name: string, { Projects }: AtlantisDriftStatus) => {
      const found = Projects.find(({ ProjectName }) => ProjectName === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      const { LastChecked: _time, ...project } = found;
      return project;
    };
    expect(named('vpc', body)).toEqual(named('vpc', sample));
    const { Summary, ...calm } = named('ec2', body).Drift;
    const { Summary: _sampleSummary, ...sampleCalm } = named('ec2', sample).Drift;
    expect([calm, Summary]).toEqual([sampleCalm, expect.stringMatching(/^No changes\./)]);
    expect(body.CheckedAt).toBe(
      body.Projects.map(({ LastChecked }) => LastChecked)
        .sort()
        .at(-1),
    );
    const filtered = `/api/drift/status?repository=${repository}&project=vpc&workspace=production`;
    expect((await get<AtlantisDriftStatus>(filtered)).Projects).toMatchObject([
      sample.Projects[0] ? named('vpc', sample) : {},
    ]);
  });

  test('the sample without data', async () => {
    const sample = await golden<AtlantisDriftStatus>('drift-status-none');
    const body = await get<AtlantisDriftStatus>('/api/drift/status?repository=owner/unknown');
    expect({ ...body, CheckedAt: '' }).toEqual({ ...sample, Repository: 'owner/unknown', CheckedAt: '' });
    expect(shapeOf(body)).toEqual(shapeOf(sample));
    expect(Math.abs(Date.parse(body.CheckedAt) - Date.now())).toBeLessThan(5_000);
  });

  const detect = (name: string, more: object, headers: Record<string, string>) =>
    world.http('POST', '/api/drift/detect', {
      body: { repository: name, ref: 'main', type: 'Github', ...more },
      headers,
    });

  test('a detection is accepted at once, found later, the same for the same key', async () => {
    await world.host.create('acme/later', { 'main.tf': resource() });
    const headers = { Prefer: 'respond-async', 'Idempotency-Key': 'later' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => detect('acme/later', {}, headers)));
    const ids = new Set(answers.map((answer) => answer.json<{ id: string }>().id));
    expect([...new Set(answers.map((answer) => answer.status)), ids.size]).toEqual([202, 1]);
    const [id] = [...ids];
    const detection = await until(
      async () => {
        const now = (await world.http('GET', `/api/drift/detections/${id}`)).json<AtlantisDetection>();
        return now.detected_at === undefined ? undefined : now;
      },
      { timeoutMs: 20_000, describe: 'the end of the detection' },
    );
    expect(detection).toMatchObject({ status: 'success', projects_with_drift: 1 });
    expect(answers[0]?.headers.get('location')).toBe(`/api/runs/${detection.run_id}`);
    const other = await detect('acme/later', { ref: 'other' }, headers);
    expect([other.status, other.text]).toEqual([409, expect.stringContaining(id ?? '')]);
  });

  test('a record says what drifted, attribute by attribute, and what happened to it', async () => {
    const vpc = await detailsOf('vpc');
    expect(vpc).toMatchObject({ status: 'new', quiet: null, has_drift: true, to_add: 2, to_change: 1, gone_at: null });
    expect(vpc.changes.map(({ address }) => address).sort()).toEqual([
      'terraform_data.one',
      'terraform_data.this',
      'terraform_data.two',
    ]);
    expect(vpc.changes.find(({ address }) => address === 'terraform_data.this')?.attributes).toContainEqual({
      path: 'input',
      before: '"as it was"',
      after: '"by hand"',
      sensitive: false,
      unknown: false,
    });
    expect(vpc.history[0]).toMatchObject({ kind: 'found', detail: 'Plan: 2 to add, 1 to change, 0 to destroy.' });
    const pages = await get<{ records: RecordBody[]; next: string }>(
      `/api/drift/records?repository=${repository}&limit=2`,
    );
    const rest = await get<{ records: RecordBody[] }>(
      `/api/drift/records?repository=${repository}&limit=2&after=${pages.next}`,
    );
    expect([...pages.records, ...rest.records].map((record) => record.project_name).sort()).toEqual(
      [...projects].sort(),
    );
    expect(
      (await get<{ records: object[] }>(`/api/drift/records?repository=${repository}&status=in_sync`)).records,
    ).toHaveLength(1);
  });

  test('acknowledged, snoozed, owned: said in the record and in its history', async () => {
    const { id, fingerprint } = await recordOf('rds');
    const reason = 'größer, for the sale';
    const acknowledged = await write('POST', `records/${id}/acknowledge`, { reason, by: 'ann', fingerprint });
    expect([acknowledged.status, acknowledged.json()]).toMatchObject([200, { quiet: 'acknowledged', has_drift: true }]);
    expect((await write('PUT', `records/${id}/owner`, { owner: 'team-db' })).json()).toMatchObject({
      owner: 'team-db',
    });
    const until = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
    expect((await write('POST', `records/${id}/snooze`, { until })).json()).toMatchObject({
      quiet: 'snoozed',
      snoozed_until: until,
    });
    expect((await write('POST', `records/${id}/snooze`, { until: null })).json()).toMatchObject({
      quiet: 'acknowledged',
    });
    expect((await write('DELETE', `records/${id}/acknowledge`)).json()).toMatchObject({ quiet: null });
    const page = await get<{ history: { kind: string; detail: string }[]; next: string | null }>(
      `/api/drift/records/${id}/history?limit=5`,
    );
    expect(page.history.map(({ kind }) => kind)).toEqual([
      'acknowledged',
      'snoozed',
      'snoozed',
      'owned',
      'acknowledged',
    ]);
    expect(page.history.at(-1)?.detail).toBe(`ann: ${reason}`);
    expect(page.next).not.toBeNull();
  });

  test('an ignore rule: made, read, changed, deleted; it holds from the next check on', async () => {
    const made = await write('POST', 'ignore-rules', {
      address: 'terraform_data.th*',
      attribute: 'input',
      reason: 'noisy',
    });
    expect(made.status).toBe(201);
    const rule = made.json<IgnoreRule>();
    expect(rule).toMatchObject({
      repository: '*',
      address: 'terraform_data.th*',
      attribute: 'input',
      expires_at: null,
    });
    expect(made.headers.get('location')).toBe(`/api/drift/ignore-rules/${rule.id}`);
    expect(await get(`/api/drift/ignore-rules/${rule.id}`)).toEqual(rule);
    const change = { address: 'terraform_data.*', attribute: 'in*', reason: 'noisy', owner: 'ops' };
    expect((await write('PUT', `ignore-rules/${rule.id}`, change)).json()).toMatchObject({ ...change, id: rule.id });
    await world.look(repository, { projects });
    expect(await recordOf('rds')).toMatchObject({ quiet: null });
    await write('PUT', `ignore-rules/${rule.id}`, { ...change, attribute: '*put' });
    await world.look(repository, { projects });
    expect(await recordOf('rds')).toMatchObject({ quiet: 'ignored', has_drift: true, status: 'known' });
    expect((await get<{ rules: object[] }>('/api/drift/ignore-rules')).rules).toHaveLength(1);
    expect((await write('DELETE', `ignore-rules/${rule.id}`)).status).toBe(200);
    expect((await write('GET', `ignore-rules/${rule.id}`)).status).toBe(404);
  });

  test.each<[string, string, object | string, number, string]>([
    ['POST', 'records/:id/acknowledge', {}, 400, 'reason'],
    ['POST', 'records/:id/acknowledge', { reason: '' }, 400, 'reason'],
    ['POST', 'records/:id/acknowledge', { reason: 'x\u0000y' }, 400, 'control characters'],
    ['POST', 'records/:id/acknowledge', { reason: 'x', fingerprint: 'other' }, 409, 'fingerprint'],
    ['POST', 'records/:id/snooze', {}, 400, 'until'],
    ['POST', 'records/:id/snooze', { until: 'tomorrow' }, 400, 'until'],
    ['POST', 'records/:id/snooze', { until: '2020-01-01T00:00:00Z' }, 400, 'next 90 days'],
    ['POST', 'records/:id/snooze', { until: '2999-01-01T00:00:00Z' }, 400, 'next 90 days'],
    ['PUT', 'records/:id/owner', { owner: 5 }, 400, 'owner'],
    ['PUT', 'records/11111111-1111-4111-8111-111111111111/owner', { owner: 'x' }, 404, 'no drift record'],
    ['PUT', 'records/nope/owner', { owner: 'x' }, 400, 'id'],
    ['POST', 'ignore-rules', '[]', 400, 'expected object'],
    ['POST', 'ignore-rules', '{', 400, 'failed to parse'],
    ['POST', 'ignore-rules', { address: '' }, 400, 'reason'],
    ['POST', 'ignore-rules', { reason: 'x', address: 'a'.repeat(501) }, 400, 'address'],
    ['POST', 'ignore-rules', { reason: 'x', expires_at: '2020-01-01T00:00:00Z' }, 400, 'expires_at'],
    ['DELETE', 'ignore-rules/11111111-1111-4111-8111-111111111111', '', 404, 'no ignore rule'],
  ])('%s %s %j is %i', async (method, path, body, status, message) => {
    const { id } = await recordOf('rds');
    const answer = await world.http(method, `/api/drift/${path.replace(':id', id)}`, { body });
    expect([answer.status, answer.json<{ error: string }>().error]).toEqual([status, expect.stringContaining(message)]);
  });

  test('writes need the token', async () => {
    const { id } = await recordOf('rds');
    for (const path of [`records/${id}/acknowledge`, `records/${id}/snooze`, 'ignore-rules']) {
      const answer = await world.http('POST', `/api/drift/${path}`, { headers: { 'X-Atlantis-Token': '' }, body: {} });
      expect(answer.status).toBe(401);
    }
  });
});
