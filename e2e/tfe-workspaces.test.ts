// Workspaces as HashiCorp's clients use them, and the target of a workspace seen from both sides.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AtlantisLock } from '@terramesh/contracts';
import { adminToken } from './src/system.js';
import {
  createOrganization,
  createPerson,
  createTeam,
  joinOrganization,
  type TfeClient,
  type TfeResource,
  tfeClient,
  tfeDocument,
} from './src/tfe-client.js';
import { type RunResult, request, resource, startWorld, type World } from './src/world.js';

const results = (answer: { json<T>(): T }) => answer.json<RunResult>().ProjectResults;
const inProject = (id: string) => ({ project: { data: { type: 'projects', id } } });
const bindings = (tags: Record<string, string>) => ({
  data: Object.entries(tags).map(([key, value]) => ({ type: 'tag-bindings', attributes: { key, value } })),
});

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: World;
  let tfe: TfeClient;
  beforeAll(async () => {
    world = await startWorld({ mesh, settings: { TERRAMESH_CONCURRENCY: '4' } });
    await world.host.create('acme/infra', {
      'a/main.tf': resource(),
      'b/main.tf': resource(),
      'c/main.tf': resource(),
      'broken/main.tf': 'resource "nothing" {',
    });
    tfe = tfeClient(world.url, adminToken);
    await createOrganization(tfe, 'acme');
  });
  afterAll(() => world?.stop());

  const create = async (name: string, more: object = {}, relationships?: object): Promise<TfeResource> => {
    const body = tfeDocument('workspaces', { name, ...more }, relationships);
    const answer = await tfe('POST', '/organizations/acme/workspaces', { body });
    if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
    return answer.resource();
  };
  const createBound = (name: string, directory: string, relationships?: object) => {
    const vcs = { identifier: 'acme/infra', branch: 'main', 'service-provider': 'github' };
    return create(name, { 'vcs-repo': vcs, 'working-directory': directory }, relationships);
  };
  const show = async (id: string) => (await tfe('GET', `/workspaces/${id}`)).resource();
  const createProject = async (name: string) =>
    (await tfe('POST', '/organizations/acme/projects', { body: tfeDocument('projects', { name }) })).resource();

  test('the tfe provider creates, reads, updates and deletes a workspace', async () => {
    const project = await createProject('provided');
    const attributes = {
      name: 'provided',
      'allow-destroy-plan': true,
      'assessments-enabled': false,
      'auto-apply': true,
      'auto-apply-run-trigger': false,
      description: '',
      'file-triggers-enabled': true,
      'queue-all-runs': true,
      'speculative-enabled': true,
      'structured-run-output-enabled': true,
      'working-directory': '',
      'terraform-version': '1.11.4',
    };
    const made = await create('provided', attributes, {
      ...inProject(project.id),
      tags: { data: [{ type: 'tags', attributes: { name: 'first' } }] },
      'tag-bindings': bindings({ env: 'prod' }),
    });
    expect(made.attributes).toMatchObject({ ...attributes, 'tag-names': ['first'], 'execution-mode': 'remote' });
    expect(made.relationships.project?.data).toEqual({ id: project.id, type: 'projects' });
    const { id } = made;

    const read = await tfe('GET', `/workspaces/${id}?include=effective_tag_bindings`);
    expect(read.document().included).toMatchObject([
      { type: 'effective-tag-bindings', attributes: { key: 'env', value: 'prod' } },
    ]);
    expect((await tfe('GET', `/workspaces/${id}?include=nonsense`)).errors()).toEqual([
      { status: '400', title: 'bad request', detail: 'Invalid include parameter' },
    ]);
    const consumers = await tfe('GET', `/workspaces/${id}/relationships/remote-state-consumers?page%5Bsize%5D=100`);
    expect([consumers.status, consumers.list()]).toEqual([200, []]);

    const updated = await tfe('PATCH', `/workspaces/${id}`, {
      body: { data: { id, type: 'workspaces', attributes: { name: 'provided', 'auto-apply': false } } },
    });
    expect(updated.resource().attributes).toMatchObject({ 'auto-apply': false, 'queue-all-runs': true });
    const tags = (name: string) => ({ body: { data: [{ type: 'tags', attributes: { name } }] } });
    expect((await tfe('POST', `/workspaces/${id}/relationships/tags`, tags('second'))).status).toBe(204);
    expect((await tfe('DELETE', `/workspaces/${id}/relationships/tags`, tags('first'))).status).toBe(204);
    const cleared = tfeDocument('workspaces', {}, { 'tag-bindings': { data: [] } });
    const after = (await tfe('PATCH', `/workspaces/${id}`, { body: cleared })).resource();
    expect(after.attributes['tag-names']).toEqual(['second']);
    expect((await tfe('GET', `/workspaces/${id}/effective-tag-bindings`)).list()).toEqual([]);
    const [listed] = (await tfe('GET', `/organizations/acme/workspaces?filter[project][id]=${project.id}`)).list();
    expect(listed).toEqual(after);
    expect(await show(id)).toEqual(after);

    expect(after.attributes.permissions).toMatchObject({ 'can-force-delete': true });
    expect((await tfe('POST', `/workspaces/${id}/actions/safe-delete`)).status).toBe(204);
    expect((await tfe('GET', `/workspaces/${id}`)).errors()).toEqual([{ status: '404', title: 'not found' }]);
  });

  test('the CLI finds, makes, tags, locks and unlocks a workspace', async () => {
    const path = '/organizations/acme/workspaces/cli-prod';
    expect((await tfe('GET', path)).status).toBe(404);
    expect((await tfe('GET', '/organizations/acme/projects?filter%5Bnames%5D=cli')).list()).toEqual([]);
    const project = await createProject('cli');
    const tagged = { ...inProject(project.id), tags: { data: [{ type: 'tags', attributes: { name: 'cli' } }] } };
    const { id } = await create('cli-prod', {}, tagged);
    const version = { body: tfeDocument('workspaces', { 'terraform-version': '1.11.4' }) };
    expect((await tfe('PATCH', `/workspaces/${id}`, version)).resource().attributes['terraform-version']).toBe(
      '1.11.4',
    );
    expect((await tfe('GET', `/workspaces/${id}/tag-bindings`)).list()).toEqual([]);
    const added = await tfe('PATCH', `/workspaces/${id}/tag-bindings`, { body: bindings({ team: 'core' }) });
    expect(added.list()).toMatchObject([{ type: 'tag-bindings', attributes: { key: 'team', value: 'core' } }]);
    const found = await tfe('GET', '/organizations/acme/workspaces?page%5Bsize%5D=100&search%5Btags%5D=cli');
    expect(found.list().map((one) => one.attributes.name)).toEqual(['cli-prod']);
    expect(found.document().meta.pagination).toMatchObject({ 'current-page': 1, 'total-pages': 1, 'total-count': 1 });
    expect((await tfe('GET', path)).resource()).toEqual(await show(id));
    expect((await tfe('GET', `/workspaces/${id}/current-state-version`)).status).toBe(404);
    expect((await tfe('GET', `/workspaces/${id}/vars`)).list()).toEqual([]);

    const lock = () =>
      tfe('POST', `/workspaces/${id}/actions/lock`, {
        body: { data: { type: '', attributes: { reason: 'by hand' } } },
      });
    expect((await lock()).resource().attributes).toMatchObject({ locked: true, 'locked-reason': 'by hand' });
    expect((await lock()).errors()).toEqual([
      { status: '409', title: 'conflict', detail: expect.stringContaining('is locked by User admin') },
    ]);
    const unlocked = await tfe('POST', `/workspaces/${id}/actions/unlock`);
    expect([unlocked.status, unlocked.resource().attributes.locked]).toEqual([200, false]);
    expect((await tfe('POST', `/workspaces/${id}/actions/unlock`)).status).toBe(409);
    expect((await tfe('DELETE', path)).status).toBe(204);
  });

  test('a run of the target shows on its workspace, while it runs and afterwards', async () => {
    const { id } = await createBound('bound-a', 'a');
    expect((await show(id)).relationships['latest-run']).toEqual({ data: null });
    const hold = await world.tools.hold('plan', 'a');
    const planning = world.plan(request(['a']));
    await hold.reached();
    const during = await show(id);
    expect(during.attributes.locked).toBe(true);
    const run = during.relationships['current-run']?.data;
    expect(during.relationships['locked-by']?.data).toEqual(run);
    if (run === undefined || run === null || !('id' in run)) throw new Error('no run');
    expect((await tfe('GET', `/runs/${run.id}`)).resource().attributes).toMatchObject({ status: 'planning' });
    const refused = await tfe('POST', `/workspaces/${id}/actions/lock`, { body: { reason: 'x' } });
    expect([refused.status, refused.errors()[0]?.detail]).toEqual([409, expect.stringContaining(`Run ${run.id}`)]);
    expect((await tfe('POST', `/workspaces/${id}/actions/safe-delete`)).errors()[0]?.title).toBe('conflict');
    await hold.release();
    expect((await planning).status).toBe(200);

    const [latest, ...others] = (await tfe('GET', `/workspaces/${id}/runs`)).list();
    expect(others).toEqual([]);
    expect(latest).toMatchObject({
      id: run.id,
      attributes: {
        status: 'planned_and_finished',
        'has-changes': true,
        'plan-only': true,
        'terramesh-run-id': run.id,
        message: expect.stringContaining('main'),
      },
      relationships: { workspace: { data: { id, type: 'workspaces' } } },
    });
    expect((await tfe('GET', `/runs/${run.id}?include=workspace,plan`)).status).toBe(400);
    const shown = await tfe('GET', `/runs/${run.id}?include=workspace`);
    expect(shown.resource()).toEqual(latest);
    const all = '?include=current_run,organization,project,effective_tag_bindings';
    const { included } = (await tfe('GET', `/organizations/acme/workspaces${all}&search[name]=bound-a`)).document();
    expect(included?.map(({ type }) => type).sort()).toEqual(['organizations', 'projects', 'runs']);
    expect(included).toContainEqual(latest);
    // Two identifiers that lead to each other end HashiCorp's Go client.
    const beside = included?.find(({ type }) => type === 'organizations');
    expect(beside?.relationships?.['default-project']).toEqual({ links: { related: expect.any(String) } });
    expect((await show(id)).attributes.locked).toBe(false);
    expect(shown.document().included).toEqual([await show(id)]);
    expect((await world.http('GET', `/api/runs/${run.id}`)).status).toBe(200);
  });

  test('a run of two targets is one run on each of their workspaces, and a failed one is not a success', async () => {
    const project = await createProject('targets');
    const b = await createBound('bound-b', 'b', inProject(project.id));
    const broken = await createBound('bound-broken', './broken/', inProject(project.id));
    const answer = await world.plan(request(['b', 'broken']));
    expect(answer.status).toBe(500);
    const listed = (await tfe('GET', `/organizations/acme/workspaces?filter[project][id]=${project.id}`)).list();
    expect(listed.map((one) => one.attributes.name)).toEqual(['bound-b', 'bound-broken']);
    const runs = await Promise.all(
      [b, broken].map(async ({ id }) => (await tfe('GET', `/workspaces/${id}/runs`)).list()[0]),
    );
    expect(runs.map((run) => run?.attributes.status)).toEqual(['planned_and_finished', 'errored']);
    expect(new Set(runs.map((run) => run?.attributes['terramesh-run-id'])).size).toBe(1);
    expect(new Set(runs.map((run) => run?.id)).size).toBe(2);
    for (const run of runs) expect((await tfe('GET', `/runs/${run?.id}`)).resource()).toEqual(run);
    const parent = runs[0]?.attributes['terramesh-run-id'];
    expect((await tfe('GET', `/runs/${parent}`)).status).toBe(404);
  });

  test('a person who locks a workspace holds back every run of its target', async () => {
    const { id } = await createBound('bound-c', 'c');
    const locked = await tfe('POST', `/workspaces/${id}/actions/lock`, { body: { reason: 'maintenance' } });
    expect(locked.resource().attributes.locked).toBe(true);
    const failure = 'workspace acme/bound-c is locked by admin: maintenance';
    const planned = await world.plan(request(['c']));
    expect([planned.status, results(planned)[0]?.Failure]).toEqual([500, failure]);
    const applied = await world.apply(request(['c'], { PR: 7 }));
    expect([applied.status, results(applied)[0]?.Failure]).toEqual([500, failure]);
    const { Locks } = (await world.http('GET', '/api/locks')).json<{ Locks: AtlantisLock[] }>();
    expect(Locks).toMatchObject([
      { Name: 'acme/infra/c/default/', PullID: 'workspace acme/bound-c', User: 'admin', Workspace: 'default' },
    ]);
    expect((await world.http('GET', '/lock?id=acme%252Finfra%252Fc%252Fdefault%252F')).text).toContain('maintenance');
    const changed = { body: tfeDocument('workspaces', { 'working-directory': 'elsewhere' }) };
    expect((await tfe('PATCH', `/workspaces/${id}`, changed)).status).toBe(422);

    expect((await tfe('POST', `/workspaces/${id}/actions/force-unlock`)).resource().attributes.locked).toBe(false);
    expect((await world.plan(request(['c']))).status).toBe(200);
    expect((await world.apply(request(['c']))).status).toBe(200);
    expect((await tfe('POST', `/workspaces/${id}/actions/safe-delete`)).errors()).toEqual([
      { status: '409', title: 'conflict', detail: expect.stringContaining('may still be managing resources') },
    ]);

    await tfe('POST', `/workspaces/${id}/actions/lock`);
    expect((await tfe('DELETE', `/workspaces/${id}`)).status).toBe(204);
    expect((await world.plan(request(['c']))).status).toBe(200);
  });

  test('whoever may not see a workspace sees none of its runs', async () => {
    const project = await createProject('secret');
    const { id } = await create(
      'secret',
      { 'vcs-repo': { identifier: 'acme/infra' }, 'working-directory': 'd' },
      {
        ...inProject(project.id),
      },
    );
    await world.plan(request(['d']));
    const [run] = (await tfe('GET', `/workspaces/${id}/runs`)).list();
    const reader = await createPerson(tfe, `reader-${mesh}`);
    const stranger = await createPerson(tfe, `stranger-${mesh}`);
    await joinOrganization(tfe, 'acme', reader);
    const team = await createTeam(tfe, 'acme', { name: 'readers', people: [reader] });
    await tfe('POST', '/team-projects', {
      body: tfeDocument(
        'team-projects',
        { access: 'read' },
        { ...inProject(project.id), team: { data: { type: 'teams', id: team.id } } },
      ),
    });
    const paths = [`/workspaces/${id}`, `/workspaces/${id}/runs`, `/runs/${run?.id}`];
    for (const path of paths) {
      expect([path, (await reader.tfe('GET', path)).status]).toEqual([path, 200]);
      expect([path, (await stranger.tfe('GET', path)).status]).toEqual([path, 404]);
    }
    const seen = (await reader.tfe('GET', '/organizations/acme/workspaces')).document();
    expect([seen.data.map((one) => one.attributes.name), seen.meta['status-counts']]).toEqual([
      ['secret'],
      { total: 1, matching: 1 },
    ]);
    for (const action of ['lock', 'unlock', 'force-unlock', 'safe-delete']) {
      expect((await reader.tfe('POST', `/workspaces/${id}/actions/${action}`)).status).toBe(404);
    }
    expect((await tfe.as('garbage')('GET', `/workspaces/${id}`)).status).toBe(401);
  });

  test('without the runs service a workspace is shown without saying that it has no run', async () => {
    const { id } = await createBound('bound-away', 'away');
    expect((await show(id)).relationships['latest-run']).toEqual({ data: null });
    for (const replica of world.runs) await replica.stop();
    const answer = await tfe('GET', `/workspaces/${id}`);
    expect(answer.status).toBe(200);
    for (const name of ['current-run', 'latest-run']) {
      expect(answer.resource().relationships[name]).toEqual({ links: { related: `/api/v2/workspaces/${id}/runs` } });
    }
    expect((await tfe('GET', `/workspaces/${id}/runs`)).status).toBe(503);
  });
});
