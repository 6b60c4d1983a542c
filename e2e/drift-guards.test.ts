// What keeps a remediation from doing harm, and what keeps two of them apart: with real drift, in one process and over NATS.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { locks } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { until } from '@terramesh/testing';
import { atlantisYaml, bodyOf, type DriftWorld, network, startDriftWorld } from './src/drifting.js';
import { running } from './src/world.js';

const projects = ['vpc', 'ec2'];

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: DriftWorld;

  beforeAll(async () => {
    world = await startDriftWorld({
      mesh,
      driftReplicas: 2,
      settings: { TERRAMESH_DRIFT_MAX_CHANGES: '2', TERRAMESH_DRIFT_BREAKER_TARGETS: '4' },
    });
  });
  afterAll(() => world?.stop());

  describe('what an apply refuses', () => {
    test('a commit at which the drift was not seen', async () => {
      const repository = 'acme/moved';
      const repo = await world.settle(repository, await network(world, 'moved'), { projects });
      await world.setWorld('moved-vpc', 'changed by hand');
      await world.look(repository, { projects: ['vpc'] });
      const seen = await repo.git('rev-parse', 'HEAD');
      await repo.commit({ 'modules/vpc/more.tf': 'output "more" {\n  value = 1\n}\n' });
      const answer = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(answer).toMatchObject({ status: 500, body: { status: 'failed' } });
      expect(answer.body.projects[0]?.error).toContain(`cached drift for project "vpc" was detected at commit ${seen}`);
      expect(answer.body.projects[0]?.error).toMatch(/rerun drift detection before remediation apply$/);

      await world.look(repository, { projects: ['vpc'] });
      const again = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(again).toMatchObject({ status: 200, body: { status: 'success' } });
    });

    test('more changes than the cap, and any destroy that nobody asked for', async () => {
      const repository = 'acme/capped';
      await world.setWorld('capped', 'as it was');
      await world.setWorld('replaced', 'as it was');
      const three = world.drifting('capped').replace('"this" {', '"this" {\n  count = 3');
      const replaced = 'triggers_replace = file';
      const files = {
        'three/main.tf': three,
        'replaced/main.tf': world.drifting('replaced').replace('input = file', replaced),
      };
      const paths = ['three', 'replaced'];
      await world.settle(repository, files, { paths });
      await world.setWorld('capped', 'changed by hand');
      await world.setWorld('replaced', 'changed by hand');
      await world.look(repository, { paths });

      const refused = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(refused).toMatchObject({ status: 500, body: { status: 'failed', failure_count: 2 } });
      const errorOf = (path: string) => refused.body.projects.find((project) => project.path === path)?.error;
      expect(errorOf('three')).toMatch(/\b3\b.*\b2\b|\b2\b.*\b3\b/);
      expect(errorOf('replaced')).toMatch(/destroy/);
      expect(await world.appliesIn('replaced')).toBe(1);

      const allowed = await world.remediate(repository, { action: 'apply', drift_only: true, allow_destroy: true });
      expect(allowed).toMatchObject({ status: 200, body: { status: 'partial', success_count: 1 } });
      expect(await world.appliesIn('replaced')).toBe(2);
      expect(await world.appliesIn('three')).toBe(1);
    });

    test('anything, when most targets drifted at once: the breaker opens, which is told once, until it is closed', async () => {
      const repository = 'acme/outage';
      const paths = ['a', 'b', 'c', 'd', 'e'];
      await world.setWorld('outage', 'as it was');
      const files = Object.fromEntries(paths.map((path) => [`${path}/main.tf`, world.drifting('outage')]));
      await world.settle(repository, files, { paths });
      // From here on somebody watches this branch.
      await world.http('POST', '/api/drift/detect', { body: { repository, ref: 'main', type: 'Github' } });
      await world.setWorld('outage', 'gone');
      await world.look(repository, { paths });
      await world.look(repository, { paths });
      expect((await world.http('GET', '/api/drift/breaker')).json()).toMatchObject({
        state: 'open',
        drifted_targets: 5,
      });

      const request = { repository, ref: 'main', type: 'Github', action: 'apply' };
      const refused = await world.http('POST', '/api/drift/remediate', { body: request });
      expect(refused.status).toBe(409);
      expect(refused.json<{ error: string }>().error).toContain('POST /api/drift/breaker/close');
      expect((await world.remediate(repository, { drift_only: true })).body).toMatchObject({ status: 'success' });
      for (const path of paths) expect(await world.appliesIn(path)).toBe(1);
      const messages = await world.sql<{ kind: string }>(
        `select kind from drift.messages where repository = $1 and kind not in ('remediation.finished', 'drift.resolved')`,
        [repository],
      );
      expect(messages.map(({ kind }) => kind)).toEqual(['breaker.opened']);

      const closed = await world.http('POST', '/api/drift/breaker/close');
      expect([closed.status, closed.json()]).toEqual([200, expect.objectContaining({ state: 'closed' })]);
      await world.look(repository, { paths });
      const applied = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(applied.body).toMatchObject({ status: 'success', total_projects: 5 });
    });
  });

  test('one that a pull request holds fails with who holds it, and the others go on', async () => {
    const repository = 'acme/held';
    await world.settle(repository, await network(world, 'held'), { projects });
    const mesh = new Mesh(world.link, 'test');
    const key = { hostname: 'github.com', repository, directory: 'modules/vpc', terraformWorkspace: 'production' };
    const holder = { kind: 'pull' as const, pull: 7 };
    const keys = [{ ...key, name: 'vpc' }];
    await mesh.call(locks.acquire, { holder, keys });
    const answer = await world.remediate(repository, { action: 'apply' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'partial', success_count: 1, failure_count: 1 } });
    const vpc = answer.body.projects.find(({ project_name }) => project_name === 'vpc');
    expect(vpc).toMatchObject({ status: 'failed', path: 'modules/vpc', error: expect.stringMatching(/lock.*#?7/s) });
    expect(vpc?.apply_output).toBeUndefined();
    await mesh.call(locks.release, { holder, keys });
  });

  test('one is seen while it runs, keeps others off its project, and ends when its run is canceled', async () => {
    const repository = 'acme/canceled';
    const wait = 'i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done';
    const files = { 'atlantis.yaml': atlantisYaml({ slow: 'slow' }), 'slow/main.tf': running(wait) };
    await world.host.create(repository, files);
    const body = { repository, ref: 'main', type: 'Github', action: 'apply', projects: ['slow'] };
    const accepted = await world.http('POST', '/api/drift/remediate', { body, headers: { Prefer: 'respond-async' } });
    expect(accepted.status).toBe(202);
    const { id } = accepted.json<{ id: string }>();
    const location = accepted.headers.get('location') ?? '';
    const get = async () => bodyOf(await world.http('GET', `/api/drift/remediate/${id}`)).body;
    const isApplying = async () => (await world.http('GET', location)).text.includes('"applying"');
    await until(isApplying, { timeoutMs: 30_000, describe: 'the apply' });
    const seen = await get();
    expect(seen).toMatchObject({ status: 'running', total_projects: 1, projects: [{ status: 'running' }] });
    expect(seen).not.toHaveProperty('completed_at');

    const other = await world.remediate(repository, { projects: ['slow'] });
    expect(other).toMatchObject({ status: 500, body: { status: 'failed' } });
    expect(other.body.projects[0]?.error).toContain(`remediation ${id} is at work on this project`);

    expect((await world.http('POST', `${location}/cancel`)).status).toBe(200);
    await until(async () => (await get()).status === 'failed', { timeoutMs: 40_000, describe: 'its end' });
    const [project] = (await get()).projects;
    expect(project).toMatchObject({ project_name: 'slow', path: 'slow', status: 'failed', error: expect.any(String) });
    expect(project).not.toHaveProperty('drift_after');
  });

  describe('a schedule that is to apply', () => {
    const told = async (repository: string) =>
      (
        await world.sql<{ kind: string }>(`select kind from drift.messages where repository = $1 order by at`, [
          repository,
        ])
      ).map(({ kind }) => kind);

    test('finds drift and puts it right', async () => {
      const repository = 'acme/by-itself';
      const paths = ['one', 'two', 'three'];
      await world.setWorld('by-itself', 'as it was');
      const files = { 'two/main.tf': world.drifting('by-itself'), 'three/main.tf': '', 'one/main.tf': '' };
      const calm = 'resource "terraform_data" "this" {}\n';
      await world.settle(repository, { ...files, 'three/main.tf': calm, 'one/main.tf': calm }, { paths });
      await world.setWorld('by-itself', 'changed by hand');
      await world.detectBySchedule(repository, 'apply');
      expect(await world.appliesIn('two')).toBe(2);
      const [answer] = (await world.http('GET', `/api/drift/remediate?repository=${repository}`)).json<{
        results: { status: string; action: string; projects: { path: string }[] }[];
      }>().results;
      expect(answer).toMatchObject({ status: 'success', action: 'apply', projects: [{ path: 'two' }] });
      expect((await world.remediate(repository, { drift_only: true })).body.total_projects).toBe(0);
    });

    test('applies nothing when everything drifts at once, and tells one thing', async () => {
      const repository = 'acme/all-at-once';
      const paths = ['v', 'w', 'x', 'y', 'z'];
      await world.setWorld('all-at-once', 'as it was');
      const files = Object.fromEntries(paths.map((path) => [`${path}/main.tf`, world.drifting('all-at-once')]));
      await world.settle(repository, files, { paths });
      const before = await told(repository);
      await world.setWorld('all-at-once', 'gone');
      await world.detectBySchedule(repository, 'apply');
      await world.detectBySchedule(repository, 'apply');
      for (const path of paths) expect(await world.appliesIn(path)).toBe(1);
      expect((await told(repository)).slice(before.length)).toEqual(['breaker.opened']);
      expect((await world.http('POST', '/api/drift/breaker/close')).status).toBe(200);
    });
  });
});
