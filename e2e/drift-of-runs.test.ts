// What drift detection and remediation ask of runs: real drift told attribute by attribute, every target, an expected
// commit, limits of an apply, and that people never wait for it.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type OperationInput, type Run, RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { installWorldProvider, until } from '@terramesh/testing';
import { expectNothingLeft } from './src/nothing-left.js';
import { resource, startWorld, type World } from './src/world.js';

type Start = Partial<OperationInput<typeof runs.start>>;

describe.each(['inproc', 'nats'] as const)('over %s', (mode) => {
  let world: World;
  let mesh: Mesh;
  let folder: string;
  let requiredProviders: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terramesh-drift-'));
    const provider = await installWorldProvider(folder);
    requiredProviders = provider.requiredProviders;
    const settings = { TERRAMESH_CONCURRENCY: '2', TERRAMESH_TERRAFORM_CONFIG_FILE: provider.cliConfigFile };
    world = await startWorld({ mesh: mode, settings });
    mesh = new Mesh(world.link, 'test');
  });
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => expectNothingLeft(world));

  const start = async (repository: string, more: Start = {}) => {
    const input = { kind: 'plan', type: 'Github', repository, ref: 'main', everyTarget: true, ...more } as const;
    return mesh.call(runs.start, input);
  };
  const end = async (runId: RunId): Promise<Run> => {
    const get = () => mesh.call(runs.get, { runId });
    return until(async () => ((await get()).status === 'finished' ? get() : undefined), {
      timeoutMs: 30_000,
      describe: `the end of ${runId}`,
    });
  };
  const run = async (repository: string, more: Start = {}) => end((await start(repository, more)).runId);
  const failureOf = async ({ id }: Run) => {
    const { pieces } = await mesh.call(runs.results, { runId: id });
    return pieces.filter(({ part }) => part === 'failure').map(({ text }) => text);
  };
  const worldFile = (name: string, content: string, more = '') =>
    `resource "world_file" ${JSON.stringify(name)} {\n  path = "${join(folder, name)}"\n  content = ${JSON.stringify(content)}\n${more}}\n`;

  test('what was done by hand is told attribute by attribute, without secrets, and an apply repairs it', async () => {
    const main = `${requiredProviders}${worldFile('told', 'grüße', '  secret = "hunter2-in-configuration"\n')}`;
    await world.host.create('acme/told', { 'main.tf': main });
    expect(await run('acme/told', { kind: 'apply' })).toMatchObject({ outcome: 'success', origin: 'user' });
    const calm = await run('acme/told', { origin: 'drift' });
    expect(calm).toMatchObject({
      origin: 'drift',
      executions: [{ state: 'no_changes', plan: { changesOutside: false } }],
    });
    expect(await mesh.call(runs.drift, { runId: calm.id })).toEqual({ executions: [], next: null });

    await writeFile(join(folder, 'told'), 'by hand');
    await writeFile(join(folder, 'told.secret'), 'hunter3-by-hand');
    const drifted = await run('acme/told', { origin: 'drift' });
    const [execution] = drifted.executions;
    expect(execution).toMatchObject({ state: 'planned', plan: { toChange: 1, changesOutside: true } });
    const told = await mesh.call(runs.drift, { runId: drifted.id });
    expect(told).toEqual({
      executions: [
        {
          executionId: execution?.id,
          truncated: false,
          changes: [
            {
              address: 'world_file.told',
              kind: 'planned',
              actions: ['update'],
              attributes: [
                { path: 'content', before: '"by hand"', after: '"grüße"', sensitive: false, unknown: false },
                { path: 'secret', before: null, after: null, sensitive: true, unknown: false },
                {
                  path: 'sha256',
                  before: expect.any(String),
                  after: '(known after apply)',
                  sensitive: false,
                  unknown: true,
                },
              ],
            },
            {
              address: 'world_file.told',
              kind: 'outside',
              actions: ['update'],
              attributes: [
                { path: 'content', before: '"grüße"', after: '"by hand"', sensitive: false, unknown: false },
                { path: 'secret', before: null, after: null, sensitive: true, unknown: false },
                {
                  path: 'sha256',
                  before: expect.any(String),
                  after: expect.any(String),
                  sensitive: false,
                  unknown: false,
                },
              ],
            },
          ],
        },
      ],
      next: null,
    });
    expect(JSON.stringify(told)).not.toMatch(/hunter/);

    await rm(join(folder, 'told'));
    const gone = await run('acme/told', { origin: 'drift' });
    expect(
      (await mesh.call(runs.drift, { runId: gone.id })).executions[0]?.changes.map((one) => [one.kind, one.actions]),
    ).toEqual([
      ['planned', ['create']],
      ['outside', ['delete']],
    ]);

    expect(await run('acme/told', { kind: 'apply', origin: 'drift' })).toMatchObject({
      outcome: 'success',
      executions: [{ state: 'applied' }],
    });
    expect(await readFile(join(folder, 'told'), 'utf8')).toBe('grüße');
    expect(await run('acme/told')).toMatchObject({ executions: [{ state: 'no_changes' }] });
  });

  test('an apply past its limits changes nothing and says which; within them it goes on', async () => {
    const repository = await world.host.create('acme/limits', {
      'a/main.tf': `${requiredProviders}${worldFile('kept', 'a')}`,
      'b/main.tf': `${requiredProviders}${worldFile('other', 'b')}`,
    });
    await run('acme/limits', { kind: 'apply' });
    await repository.commit({
      'a/main.tf': requiredProviders,
      'b/main.tf': `${requiredProviders}${worldFile('other', 'c')}`,
    });
    const limits = { toAdd: null, toChange: 1, toDestroy: 0 };
    const refused = await run('acme/limits', { kind: 'apply', limits });
    expect(refused).toMatchObject({
      outcome: 'partial',
      executions: [
        { target: { directory: 'a' }, state: 'plan_failed', plan: { toDestroy: 1 }, problem: expect.any(String) },
        { target: { directory: 'b' }, state: 'applied' },
      ],
    });
    expect(await failureOf(refused)).toEqual(['nothing was applied: the plan would destroy 1 (the limit is 0)']);
    expect((await mesh.call(runs.drift, { runId: refused.id })).executions[0]?.changes).toMatchObject([
      { address: 'world_file.kept', actions: ['delete'] },
    ]);
    expect([existsSync(join(folder, 'kept')), await readFile(join(folder, 'other'), 'utf8')]).toEqual([true, 'c']);

    const allowed = await run('acme/limits', { kind: 'apply', limits: { ...limits, toDestroy: 1 } });
    expect(allowed).toMatchObject({ outcome: 'success', executions: [{ problem: null }, { problem: null }] });
    expect(existsSync(join(folder, 'kept'))).toBe(false);
  });

  test('a run for another commit than the ref is at ends at once and plans nothing', async () => {
    const repository = await world.host.create('acme/moved', { 'main.tf': resource() });
    const seen = (await repository.git('rev-parse', 'HEAD')).trim();
    expect(await run('acme/moved', { expectedCommit: seen })).toMatchObject({ outcome: 'success', commit: seen });
    const now = await repository.commit({ 'main.tf': resource('y') });
    expect(await run('acme/moved', { kind: 'apply', expectedCommit: seen })).toMatchObject({
      outcome: 'failed',
      executions: [],
      error: {
        code: 'REF_MOVED',
        message: `ref "main" moved: expected commit ${seen}, found ${now}; nothing was planned`,
      },
    });
  });

  test('every target is each project of atlantis.yaml or, without one, each root module', async () => {
    const repository = await world.host.create('acme/every', {
      'main.tf': 'module "net" {\n  source = "./net"\n}\n',
      'net/main.tf': resource(),
      'modules/db/main.tf': resource(),
      'prod/eu/main.tf.json': JSON.stringify({ resource: { terraform_data: { a: { input: 1 } } } }),
      'docs/readme.md': 'no Terraform',
      'empty/variables.tf': 'variable "x" {}\n',
      'prod/linked': '-> eu',
      '.terragrunt-cache/x/main.tf': resource(),
    });
    const targetsOf = ({ executions }: Run) => executions.map(({ target }) => target);
    expect(targetsOf(await run('acme/every', { origin: 'drift' }))).toEqual([
      { directory: '.', terraformWorkspace: 'default', name: '' },
      { directory: 'prod/eu', terraformWorkspace: 'default', name: '' },
    ]);

    const projects = [
      { name: 'later', dir: 'net', execution_order_group: 2 },
      { name: 'w', dir: 'net', workspace: 'blue' },
    ];
    await repository.commit({ 'atlantis.yaml': JSON.stringify({ version: 3, projects }) });
    expect(targetsOf(await run('acme/every', { origin: 'drift' }))).toEqual([
      { directory: 'net', terraformWorkspace: 'blue', name: 'w' },
      { directory: 'net', terraformWorkspace: 'default', name: 'later' },
    ]);
    await repository.commit({ 'atlantis.yaml': 'version: 3\nprojects: no\n' });
    expect(await run('acme/every')).toMatchObject({ outcome: 'failed', error: { code: 'INVALID' } });

    await world.host.create('acme/nothing', { 'readme.md': 'no Terraform' });
    expect(await run('acme/nothing')).toMatchObject({ outcome: 'success', executions: [], error: null });
  });

  test('a request that contradicts itself is refused, and a key is for one request', async () => {
    const limits = { toAdd: 1, toChange: null, toDestroy: 0 };
    for (const bad of [{ paths: [{ directory: 'a' }] }, { everyTarget: false }, { limits }, { expectedCommit: 'abc' }])
      await expect(start('acme/told', bad)).rejects.toMatchObject({ code: 'INVALID' });

    const unknown = RunId.parse(`run-${'1'.repeat(16)}`);
    await expect(mesh.call(runs.drift, { runId: unknown })).rejects.toMatchObject({ code: 'NOT_FOUND' });

    const once = { kind: 'apply', limits, idempotencyKey: `remediation:${mode}`, origin: 'drift' } as const;
    const first = await start('acme/moved', once);
    expect(await start('acme/moved', once)).toEqual({ runId: first.runId, replayed: true });
    for (const other of [
      { limits: { ...limits, toDestroy: 1 } },
      { limits: null },
      { origin: 'user' },
      { expectedCommit: 'a'.repeat(40) },
    ] as const)
      await expect(start('acme/moved', { ...once, ...other })).rejects.toMatchObject({ code: 'CONFLICT' });
    await end(first.runId);
    await expect(mesh.call(runs.drift, { runId: first.runId, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID' });
  });

  test('finished runs without a pull request are listed in the order of their ends, page by page', async () => {
    const since = new Date().toISOString();
    await world.host.create('acme/list', { 'main.tf': resource() });
    const ids = [];
    for (let count = 0; count < 5; count++) ids.push((await run('acme/list', count === 2 ? { pull: 7 } : {})).id);
    const listed = [];
    let after: string | null = null;
    do {
      const page: { runs: { id: RunId; finishedAt: string | null }[]; next: string | null } = await mesh.call(
        runs.listFinished,
        { since, after, limit: 2 },
      );
      expect(page.runs.length).toBeLessThanOrEqual(2);
      listed.push(...page.runs.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    expect(listed).toEqual(ids.filter((_, index) => index !== 2));
    await expect(mesh.call(runs.listFinished, { since, after: 'x' })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(mesh.call(runs.listFinished, { since: 'yesterday' })).rejects.toMatchObject({ code: 'INVALID' });
  });

  test('a plan for a person does not wait while drift has more to do than there are workers, nor for its locks', async () => {
    const many = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`held-${index}/main.tf`, resource()]));
    await world.host.create('acme/many', many);
    await world.host.create('acme/person', { 'main.tf': resource() });
    const hold = await world.tools.hold('plan', 'held-0');
    const detection = await start('acme/many', { origin: 'drift' });
    const statesOfDetection = async () =>
      (await mesh.call(runs.get, { runId: detection.runId })).executions.map(({ state }) => state);
    await hold.reached();
    expect((await run('acme/person')).outcome).toBe('success');
    expect((await statesOfDetection()).filter((state) => state === 'queued')).toHaveLength(5);

    // Its lock is drift's, which would come to it last.
    const mine = await run('acme/many', { everyTarget: false, paths: [{ directory: 'held-5' }] });
    expect(mine).toMatchObject({ outcome: 'success', executions: [{ state: 'planned' }] });
    expect(await statesOfDetection()).toEqual(['planning', 'queued', 'queued', 'queued', 'queued', 'planned']);
    await hold.release();
    expect((await end(detection.runId)).outcome).toBe('success');
  });
});
