// Drift as it is recorded, detected and shown: real drift of real Terraform, seen over HTTP.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AtlantisDetection, AtlantisDetections, AtlantisDriftStatus } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { expectNothingLeft } from './src/nothing-left.js';
import { request, resource, startWorld, type World } from './src/world.js';

const enabled = { TERRAMESH_DRIFT_DETECTION: 'true' };
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const second = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const calm = {
  HasDrift: false,
  ToAdd: 0,
  ToChange: 0,
  ToDestroy: 0,
  ToImport: 0,
  ChangesOutside: false,
  Summary: expect.stringContaining('No changes.'),
};
const changed = { ...calm, HasDrift: true, ToChange: 1, Summary: 'Plan: 0 to add, 1 to change, 0 to destroy.' };

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terramesh-drift-'));
    world = await startWorld({ mesh, settings: enabled });
  });
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => expectNothingLeft(world));

  /** A resource that is as a file outside the repository says. */
  const mirrored = (name: string) =>
    `resource "terraform_data" "a" {\n  input = file(${JSON.stringify(join(folder, name))})\n}\n`;
  const put = (name: string, content: string) => writeFile(join(folder, name), content);
  const detect = (repository: string, more: object = {}, headers: Record<string, string> = {}) =>
    world.http('POST', '/api/drift/detect', {
      body: { repository, ref: 'main', type: 'Github', ...more },
      headers,
    });
  const status = async (query: string) => {
    const answer = await world.http('GET', `/api/drift/status?${query}`, { headers: { 'X-Atlantis-Token': '' } });
    return answer.json<AtlantisDriftStatus>();
  };
  const drifts = async (repository: string) =>
    (await status(`repository=${repository}`)).Projects.map(({ Path, Drift }) => [Path, Drift.HasDrift]);
  const recorded = (repository: string, projects: number) =>
    until(
      async () => {
        const seen = await status(`repository=${repository}`);
        return seen.TotalProjects === projects ? seen : undefined;
      },
      { timeoutMs: 15_000, describe: `${projects} records of ${repository}` },
    );

  test('drift is seen when the world changes and gone when it is put back', async () => {
    await put('story', 'one');
    await put('calm', 'one');
    await world.host.create('acme/story', { 'a/main.tf': mirrored('story'), 'b/main.tf': mirrored('calm') });
    expect((await world.apply(request(['a', 'b'], { Repository: 'acme/story' }))).status).toBe(200);
    const applied = await recorded('acme/story', 2);
    expect(applied.Projects[0]?.Drift).toEqual({
      ...calm,
      Summary: expect.stringMatching(/^Applied\. Plan: 1 to add/),
    });

    await put('story', 'two');
    const found = await detect('acme/story');
    expect(found.status).toBe(200);
    const detection = found.json<AtlantisDetection>();
    expect(detection).toEqual({
      id: uuid,
      repository: 'acme/story',
      ref: 'main',
      status: 'success',
      started_at: second,
      detected_at: second,
      resolved_commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      run_id: expect.stringMatching(/^run-/),
      total_projects: 2,
      projects_with_drift: 1,
      failure_count: 0,
      projects: [
        {
          project_name: '',
          path: 'a',
          workspace: 'default',
          ref: 'main',
          has_drift: true,
          drift: changed,
          last_checked: second,
        },
        {
          project_name: '',
          path: 'b',
          workspace: 'default',
          ref: 'main',
          has_drift: false,
          drift: calm,
          last_checked: second,
        },
      ],
    });
    expect(found.headers.get('location')).toBe(`/api/runs/${detection.run_id}`);
    expect(await status('repository=acme/story')).toEqual({
      Repository: 'acme/story',
      TotalProjects: 2,
      ProjectsWithDrift: 1,
      CheckedAt: second,
      Projects: [
        { ProjectName: '', Path: 'a', Workspace: 'default', Ref: 'main', Drift: changed, LastChecked: second },
        { ProjectName: '', Path: 'b', Workspace: 'default', Ref: 'main', Drift: calm, LastChecked: second },
      ],
    });
    expect((await world.http('GET', `/api/drift/detections/${detection.id}`)).json()).toEqual(detection);
    const { projects: _projects, ...listed } = detection;
    const list = await world.http('GET', '/api/drift/detections?repository=acme/story');
    expect(list.json<AtlantisDetections>()).toEqual({ detections: [listed], next: null });

    await put('story', 'one');
    expect((await detect('acme/story')).json()).toMatchObject({ projects_with_drift: 0 });
    expect(await drifts('acme/story')).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  test('a plan without a pull request is recorded, one with a pull request is not', async () => {
    await world.host.create('acme/plain', { 'a/main.tf': resource(), 'b/main.tf': resource() });
    expect((await world.plan(request(['b'], { Repository: 'acme/plain', PR: 7 }))).status).toBe(200);
    expect((await world.plan(request(['a'], { Repository: 'acme/plain', Ref: 'refs/heads/main' }))).status).toBe(200);
    expect((await recorded('acme/plain', 1)).Projects).toMatchObject([
      {
        Path: 'a',
        Ref: 'main',
        Drift: { HasDrift: true, ToAdd: 1, Summary: 'Plan: 1 to add, 0 to change, 0 to destroy.' },
      },
    ]);
  });

  test('what cannot be checked is neither drift nor silence, and what was known stays', async () => {
    await put('broken', 'one');
    const repository = await world.host.create('acme/broken', {
      'a/main.tf': mirrored('broken'),
      'b/main.tf': resource(),
    });
    await world.apply(request(['a'], { Repository: 'acme/broken' }));
    await put('broken', 'two');
    expect((await detect('acme/broken')).json()).toMatchObject({ status: 'success', projects_with_drift: 2 });

    await repository.commit({ 'a/main.tf': 'resource "terraform_data" {' });
    const partial = await detect('acme/broken');
    expect(partial.status).toBe(200);
    expect(partial.json()).toMatchObject({ status: 'partial', failure_count: 1, projects_with_drift: 1 });
    expect(partial.json<AtlantisDetection>().projects[0]).toEqual({
      project_name: '',
      path: 'a',
      workspace: 'default',
      ref: 'main',
      has_drift: false,
      last_checked: second,
      error: expect.stringContaining('Error'),
    });
    const [a] = (await status('repository=acme/broken')).Projects;
    expect(a?.Drift).toMatchObject({ HasDrift: true, ToChange: 1 });
    expect(a?.Drift.Summary).toMatch(
      /^Error: it could not be checked since .*before that: Plan: 0 to add, 1 to change/s,
    );

    const failed = await detect('acme/broken', { paths: [{ directory: 'a' }] });
    expect(failed.status).toBe(500);
    expect(failed.json()).toMatchObject({ status: 'failed', total_projects: 1, failure_count: 1 });
    await repository.commit({ 'a/main.tf': mirrored('broken') });
    expect((await detect('acme/broken', { paths: [{ directory: './a/' }] })).status).toBe(200);
    expect((await status('repository=acme/broken')).Projects[0]?.Drift).toEqual(changed);
  });

  test('a target that was never checked is shown with the reason', async () => {
    await world.host.create('acme/never', { 'main.tf': 'resource "terraform_data" {' });
    expect((await detect('acme/never')).status).toBe(500);
    expect(await status('repository=acme/never')).toMatchObject({
      TotalProjects: 1,
      ProjectsWithDrift: 0,
      Projects: [
        { Path: '.', Drift: { ...calm, Summary: expect.stringMatching(/^Error: it could not be checked since/) } },
      ],
    });
  });

  test('a repository that cannot be cloned: a failed detection that says why', async () => {
    const answer = await detect('acme/absent');
    expect(answer.status).toBe(500);
    expect(answer.json()).toEqual({
      id: uuid,
      repository: 'acme/absent',
      ref: 'main',
      status: 'failed',
      started_at: second,
      detected_at: second,
      run_id: expect.stringMatching(/^run-/),
      total_projects: 0,
      projects_with_drift: 0,
      failure_count: 0,
      projects: [],
      error: expect.stringContaining('acme/absent'),
    });
    expect(await drifts('acme/absent')).toEqual([]);
  });

  test('a ref that is gone says so of every target that was known there', async () => {
    const repository = await world.host.create('acme/branches', { 'main.tf': resource() });
    await repository.commit({ 'extra/main.tf': resource() }, 'topic');
    expect((await detect('acme/branches', { ref: 'topic' })).status).toBe(200);
    expect((await detect('acme/branches')).status).toBe(200);
    await repository.git('push', 'origin', '--delete', 'topic');
    expect((await detect('acme/branches', { ref: 'topic' })).status).toBe(500);
    const seen = (await status('repository=acme/branches')).Projects.map(({ Ref, Path, Drift }) => [
      Ref,
      Path,
      Drift.Summary,
    ]);
    expect(seen).toEqual([
      ['main', '.', 'Plan: 1 to add, 0 to change, 0 to destroy.'],
      ['topic', '.', expect.stringMatching(/^Error: /)],
      ['topic', 'extra', expect.stringMatching(/^Error: /)],
    ]);
  });

  test('a target that a full detection does not find any more is no longer shown, until it is back', async () => {
    const repository = await world.host.create('acme/moving', { 'a/main.tf': resource(), 'b/main.tf': resource() });
    await detect('acme/moving');
    expect(await drifts('acme/moving')).toEqual([
      ['a', true],
      ['b', true],
    ]);
    await repository.commit({ 'b/main.tf': null });
    await detect('acme/moving', { paths: [{ directory: 'a' }] });
    expect(await drifts('acme/moving')).toEqual([
      ['a', true],
      ['b', true],
    ]);
    await detect('acme/moving');
    expect(await drifts('acme/moving')).toEqual([['a', true]]);
    await repository.commit({ 'b/main.tf': resource() });
    await detect('acme/moving');
    expect(await drifts('acme/moving')).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  test('names and workspaces filter; what matches nothing is empty and no error', async () => {
    await world.host.create('acme/named', {
      'atlantis.yaml':
        'version: 3\nprojects:\n- name: vpc\n  dir: net\n- name: ec2\n  dir: net\n  workspace: production\n',
      'net/main.tf': resource(),
    });
    expect((await detect('acme/named', { projects: ['vpc'] })).json()).toMatchObject({ total_projects: 1 });
    expect((await detect('acme/named')).json()).toMatchObject({ status: 'success', total_projects: 2 });
    const names = async (query: string) =>
      (await status(`repository=ACME/Named${query}`)).Projects.map(({ ProjectName }) => ProjectName);
    expect((await names('')).sort()).toEqual(['ec2', 'vpc']);
    expect(await names('&project=vpc')).toEqual(['vpc']);
    expect(await names('&project=ec2&workspace=production')).toEqual(['ec2']);
    expect(await names('&workspace=default')).toEqual(['vpc']);
    expect(await status('repository=acme/named&project=nope')).toEqual({
      Repository: 'acme/named',
      TotalProjects: 0,
      ProjectsWithDrift: 0,
      CheckedAt: second,
      Projects: [],
    });
    expect((await detect('acme/named', { projects: ['nope'] })).status).toBe(500);
    const some = await detect('acme/named', { projects: ['vpc', 'nope'] });
    expect([some.status, some.json()]).toMatchObject([
      200,
      {
        status: 'partial',
        projects: [
          { project_name: 'vpc', has_drift: true },
          { project_name: 'nope', path: '', error: expect.any(String) },
        ],
      },
    ]);
    expect(await drifts('acme/unknown')).toEqual([]);
  });
});
