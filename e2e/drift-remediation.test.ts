// Drift that is real, put right: from POST /api/drift/remediate to Terraform and back, in one process and over NATS.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { bodyOf, type DriftWorld, golden, network, shapeOf, startDriftWorld } from './src/drifting.js';

const projects = ['vpc', 'ec2'];

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: DriftWorld;

  beforeAll(async () => {
    world = await startDriftWorld({
      mesh,
      driftReplicas: 2,
      settings: { TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*' },
    });
  });
  afterAll(() => world?.stop());

  test("drift is planned, stays, is applied and is gone; the bodies are those of the documentation's samples", async () => {
    const repository = 'acme/samples';
    const repo = await world.settle(repository, await network(world, 'samples'), { projects });
    await world.setWorld('samples-vpc', 'changed by hand');
    await world.look(repository, { projects });

    const planned = await world.remediate(repository, { action: 'plan', projects });
    const samplePlan = await golden('drift-remediate-plan');
    expect(planned.status).toBe(200);
    expect(shapeOf(planned.body)).toEqual(shapeOf(samplePlan));
    expect(planned.body).toMatchObject({ repository, ref: 'main', action: 'plan', status: 'success' });
    expect(planned.body).toMatchObject({ total_projects: 2, success_count: 2, failure_count: 0 });
    const [vpc, ec2] = planned.body.projects;
    expect(vpc).toMatchObject({
      ...samplePlan.projects[0],
      plan_output: expect.stringContaining('terraform_data.this'),
    });
    expect(ec2).toMatchObject({ project_name: 'ec2', path: 'modules/ec2', workspace: 'production', status: 'success' });
    expect(ec2?.plan_output).toMatch(/^No changes\./);
    expect(ec2?.drift_before).toMatchObject({ HasDrift: false, Summary: expect.stringMatching(/^No changes\./) });
    expect(planned.body.started_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    // A plan puts nothing right.
    await world.look(repository, { projects });
    const applied = await world.remediate(repository, { action: 'apply', drift_only: true });
    const sampleApply = await golden('drift-remediate-apply');
    expect(applied.status).toBe(200);
    expect(shapeOf(applied.body)).toEqual(shapeOf(sampleApply));
    expect(applied.body.projects[0]).toMatchObject({
      ...sampleApply.projects[0],
      plan_output: expect.stringContaining('terraform_data.this'),
      apply_output: expect.stringContaining('Apply complete! Resources: 0 added, 1 changed, 0 destroyed.'),
    });
    expect(await world.appliesIn('modules/vpc')).toBe(2);

    await world.look(repository, { projects });
    const after = await world.remediate(repository, { action: 'apply', drift_only: true });
    expect(after).toMatchObject({ status: 200, body: { status: 'success', total_projects: 0, projects: [] } });

    await repo.commit({ 'modules/ec2/main.tf': 'output "x" {\n  value = file("nope.txt")\n}\n' }, 'broken');
    const partial = await world.remediate(repository, { ref: 'broken', action: 'plan', projects });
    expect(partial.status).toBe(200);
    expect(shapeOf(partial.body)).toEqual(shapeOf(await golden('drift-remediate-partial')));
    expect(partial.body).toMatchObject({ status: 'partial', success_count: 1, failure_count: 1 });
    expect(partial.body.projects[0]?.plan_output).toMatch(/^No changes\./);
    expect(partial.body.projects[1]).toMatchObject({ project_name: 'ec2', status: 'failed' });
    expect(partial.body.projects[1]?.error).toMatch(/^terraform plan failed: .*nope\.txt/s);
  });

  test('an apply of what has not drifted is a success that changes nothing', async () => {
    await world.settle('acme/calm', await network(world, 'calm'), { projects });
    const answer = await world.remediate('acme/calm', { action: 'apply', projects: ['vpc'] });
    expect(answer).toMatchObject({ status: 200, body: { status: 'success', total_projects: 1 } });
    expect(answer.body.projects[0]).toMatchObject({ status: 'success', drift_after: { HasDrift: false } });
    expect(answer.body.projects[0]?.apply_output).toBeUndefined();
  });

  describe('which projects', () => {
    const repository = 'acme/chosen';
    const names = (answer: { body: { projects: { project_name: string }[] } }) =>
      answer.body.projects.map(({ project_name }) => project_name);

    beforeAll(async () => {
      await world.settle(repository, await network(world, 'chosen'), { projects });
      await world.setWorld('chosen-ec2', 'changed by hand');
      await world.look(repository, { projects });
    });

    test.each([
      [{}, ['ec2', 'vpc']],
      [{ drift_only: true }, ['ec2']],
      [{ drift_only: true, projects: ['vpc'] }, []],
      [{ drift_only: true, projects: ['vpc', 'ec2'], workspaces: ['production'] }, ['ec2']],
      [{ workspaces: ['staging'] }, []],
      [{ workspaces: ['production', 'staging'] }, ['ec2', 'vpc']],
      [{ projects: ['vpc'] }, ['vpc']],
      [{ ref: 'refs/heads/main', drift_only: true }, ['ec2']],
      [{ ref: 'never-seen' }, []],
    ])('%j are %j', async (more, expected) => {
      const answer = await world.remediate(repository, more);
      expect({ status: answer.status, names: names(answer) }).toEqual({ status: 200, names: expected });
      expect(answer.body).toMatchObject({ status: 'success', total_projects: expected.length });
    });

    test('one that is gone fails with the reason, and does not keep others from being remediated', async () => {
      const answer = await world.remediate(repository, { projects: ['renamed', 'vpc'] });
      expect(answer).toMatchObject({ status: 200, body: { status: 'partial', success_count: 1, failure_count: 1 } });
      const renamed = answer.body.projects.find(({ project_name }) => project_name === 'renamed');
      expect(renamed).toMatchObject({ status: 'failed', error: expect.stringContaining('renamed') });
    });

    test('a ref that does not exist fails all of them: 500 with the body', async () => {
      const answer = await world.remediate(repository, { ref: 'no-such-branch', projects: ['vpc', 'ec2'] });
      expect(answer).toMatchObject({ status: 500, body: { status: 'failed', failure_count: 2 } });
      expect(answer.body.error).toContain('no-such-branch');
      expect(answer.body.projects.map(({ status }) => status)).toEqual(['failed', 'failed']);
    });
  });

  test('an asynchronous remediation is found again by its key', async () => {
    const repository = 'acme/slow';
    await world.setWorld('slow', 'as it was');
    await world.settle(repository, { 'a/main.tf': world.drifting('slow') }, { paths: ['a'] });
    await world.setWorld('slow', 'changed by hand');
    await world.look(repository, { paths: ['a'] });
    const key = randomUUID();
    const body = { repository, ref: 'main', type: 'Github', drift_only: true };
    const headers = { Prefer: 'respond-async', 'Idempotency-Key': key };
    const accepted = await world.http('POST', '/api/drift/remediate', { body, headers });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toMatch(/^\/api\/runs\/run-/);
    const { id } = accepted.json<{ id: string }>();
    const get = async () => bodyOf(await world.http('GET', `/api/drift/remediate/${id}`));
    expect(['pending', 'running', 'success']).toContain((await get()).body.status);
    await until(async () => (await get()).body.status === 'success', { timeoutMs: 30_000, describe: 'its end' });

    const replay = await world.remediate(repository, { drift_only: true }, { headers: { 'Idempotency-Key': key } });
    expect(replay.body.id).toBe(id);
    const other = await world.http('POST', '/api/drift/remediate', {
      body: { ...body, drift_only: false },
      headers: { 'Idempotency-Key': key },
    });
    expect(other.status).toBe(409);
  });

  test('remediations are listed, newest first, of one repository or of all', async () => {
    const ask = async (query: string) => world.http('GET', `/api/drift/remediate${query}`);
    const listed = (await ask('?repository=acme/chosen&limit=2')).json<{
      repository: string;
      count: number;
      results: { id: string }[];
    }>();
    expect(listed).toMatchObject({ repository: 'acme/chosen', count: 2 });
    expect(Object.keys(listed)).toEqual(['repository', 'count', 'results']);
    const [first] = listed.results;
    const one = await world.http('GET', `/api/drift/remediate/${first?.id}?repository=acme/chosen`);
    expect(one.status).toBe(200);
    expect((await world.http('GET', `/api/drift/remediate/${first?.id}?repository=acme/other`)).status).toBe(404);
    expect((await world.http('GET', `/api/drift/remediate/${randomUUID()}`)).status).toBe(404);
    expect((await world.http('GET', `/api/drift/remediate/no-id`)).status).toBe(400);
    expect((await ask('')).json<{ results: unknown[] }>().results).toHaveLength(10);
    expect((await ask('?limit=1000')).status).toBe(200);
    for (const limit of ['0', '-1', 'x', '1.5', '']) expect((await ask(`?limit=${limit}`)).status).toBe(400);
  });

  test.each([
    ['{', 400, /parse/],
    [{}, 400, /^repository is required$/],
    [{ repository: 'acme/x' }, 400, /^ref is required$/],
    [{ Repository: 'acme/x', REF: 'main' }, 400, /^type is required$/],
    [{ repository: 'acme/x', ref: 'main', type: 'Svn' }, 400, /type/],
    [{ repository: 'acme/x', ref: 'main', type: 'Github', action: 'destroy' }, 400, /action/],
    [{ repository: 'acme', ref: 'main', type: 'Github' }, 400, /acme/],
    [{ repository: 'others/x', ref: 'main', type: 'Github' }, 403, /allow/],
    [{ repository: 'others/x', ref: 'main', type: 'Github', action: 'x' }, 400, /action/],
    [{ repository: 'acme/x', ref: '--upload-pack=x', type: 'Github' }, 400, /ref/],
    [{ repository: 'acme/x', ref: 'main', type: 'Github', projects: 'vpc' }, 400, /projects/],
    [{ repository: 'acme/x', ref: 'main', type: 'Github', drift_only: 'yes' }, 400, /drift_only/],
  ])('%j is refused', async (body, status, error) => {
    const answer = await world.http('POST', '/api/drift/remediate', { body });
    expect([answer.status, answer.json<{ error: string }>().error]).toEqual([status, expect.stringMatching(error)]);
  });

  test('nobody remediates without the token', async () => {
    const headers = { 'X-Atlantis-Token': 'wrong' };
    expect((await world.http('POST', '/api/drift/remediate', { body: '{', headers })).status).toBe(401);
    expect((await world.http('POST', '/api/drift/breaker/close', { headers })).status).toBe(401);
  });
});
