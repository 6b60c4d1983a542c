// What the company's other services see: the client against every service over NATS.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createTerrameshClient, type TerrameshClient, TerrameshClientError } from '@terramesh/client';
import { until } from '@terramesh/testing';
import { type CuttableProxy, openProxy } from './src/cuttable-proxy.js';
import { expectNothingHeld } from './src/nothing-left.js';
import { apiSecret } from './src/system.js';
import { resource, running, startWorld, type World } from './src/world.js';

let world: World;
let proxy: CuttableProxy;
let client: TerrameshClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-client-'));
  world = await startWorld({
    mesh: 'nats',
    runsReplicas: 2,
    settings: { TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*' },
  });
  await world.host.create('acme/infra', { 'a/main.tf': resource(), 'b/main.tf': resource() });
  proxy = await openProxy(world.url);
  client = createTerrameshClient({ url: proxy.url, token: apiSecret });
});
afterAll(async () => {
  await proxy?.close();
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => expectNothingHeld(world));

const request = (directory: string, repository = 'acme/infra') => ({
  type: 'Github' as const,
  repository,
  ref: 'main',
  paths: [{ directory }],
});

async function errorOf(work: Promise<unknown>): Promise<TerrameshClientError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TerrameshClientError) return error;
  throw new Error(`not a client error: ${error}`);
}

test('plans and applies, waits, and reads what Terraform said', async () => {
  const { runId } = await client.startPlan({ ...request('a'), pull: 5 });
  expect(await client.wait(runId)).toMatchObject({ id: runId, kind: 'plan', outcome: 'success', pull: 5 });
  const { pieces } = await client.results(runId);
  expect(pieces).toMatchObject([{ part: 'plan_output', text: expect.stringContaining('Plan: 1 to add') }]);

  const applied = await client.startApply(request('a'));
  expect(await client.wait(applied.runId)).toMatchObject({ kind: 'apply', outcome: 'success' });
  expect(await client.get(applied.runId)).toMatchObject({
    executions: [{ state: 'applied', target: { directory: 'a' } }],
  });
  expect((await client.list({ limit: 2 })).runs.map(({ id }) => id)).toEqual([applied.runId, runId]);
});

test('follows a log to its end over cut connections and a broker that went away', async () => {
  const steps = 4;
  const gates = Array.from({ length: steps }, (_, step) => join(folder, `gate-${step}`));
  const talk = gates.map((gate, step) => `echo "step ${step}"; while [ ! -e ${gate} ]; do sleep 0.02; done`).join('; ');
  await world.host.create('acme/talk', { 'main.tf': running(talk) });
  const { runId } = await client.startApply(request('.', 'acme/talk'));
  const ended = client.wait(runId);

  const numbers: number[] = [];
  let step = 0;
  for await (const line of client.followLogs(runId)) {
    numbers.push(line.number);
    if (!line.text.endsWith(`: step ${step}`)) continue;
    const gate = gates[step] ?? '';
    step += 1;
    if (step === 2) await world.nats?.kill();
    else expect(proxy.cut()).toBeGreaterThan(0);
    await writeFile(gate, '');
    if (step === 2) await world.nats?.restart();
  }
  expect(step).toBe(steps);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(await ended).toMatchObject({ outcome: 'success' });
});

test('cancels, lists locks and releases one', async () => {
  const hold = await world.tools.hold('plan', 'b');
  const { runId } = await client.startPlan(request('b'));
  await hold.reached();
  const { locks } = await client.locks.list();
  expect(locks).toMatchObject([{ name: 'acme/infra/b/default/', holder: { kind: 'run', runId }, guard: 'none' }]);
  await client.cancel(runId);
  expect(await client.wait(runId)).toMatchObject({ outcome: 'canceled' });
  expect(await client.locks.list()).toEqual({ locks: [], next: null });

  const second = await client.startPlan(request('b'));
  await until(async () => (await client.locks.list()).locks.length > 0);
  expect(await client.locks.release('acme/infra/b/default/')).toMatchObject({ holder: { runId: second.runId } });
  expect(await client.wait(second.runId)).toMatchObject({ outcome: 'canceled' });
  await hold.release();
});

describe('errors are typed', () => {
  const unknown = `run-${'z'.repeat(16)}`;
  test.each([
    ['bad input', () => client.startPlan({ ...request('a'), ref: '-x' }), 'INVALID', 400],
    ['a type that is not configured', () => client.startPlan({ ...request('a'), repository: 'acme' }), 'INVALID', 400],
    ['the allowlist', () => client.startPlan(request('a', 'other/infra')), 'FORBIDDEN', 403],
    ['an unknown run', () => client.wait(unknown), 'NOT_FOUND', 404],
    ['an unknown lock', () => client.locks.release('acme/infra/x/default/'), 'NOT_FOUND', 404],
  ] as const)('%s', async (_what, call, code, httpStatus) => {
    const error = await errorOf(call());
    expect([error.code, error.httpStatus]).toEqual([code, httpStatus]);
  });

  test('a key that was used for another request, and a wrong token', async () => {
    const idempotencyKey = 'client-once';
    const first = await client.startPlan({ ...request('a'), idempotencyKey });
    expect(await client.startPlan({ ...request('a'), idempotencyKey })).toEqual({ runId: first.runId, replayed: true });
    expect((await errorOf(client.startApply({ ...request('a'), idempotencyKey }))).code).toBe('CONFLICT');
    const stranger = createTerrameshClient({ url: world.url, token: 'wrong' });
    expect((await errorOf(stranger.list())).code).toBe('UNAUTHORIZED');
    await client.wait(first.runId);
  });

  test('a run whose ref does not exist ends with the reason', async () => {
    const { runId } = await client.startPlan({ ...request('a'), ref: 'nope' });
    expect(await client.wait(runId)).toMatchObject({ outcome: 'failed', error: { code: 'NOT_FOUND' } });
  });
});

test('the built client imports tRPC and nothing of the server', async () => {
  const dist = dirname(createRequire(import.meta.url).resolve('@terramesh/client'));
  const imported = new Set<string>();
  for (const name of (await readdir(dist)).filter((file) => file.endsWith('.js'))) {
    const code = await readFile(join(dist, name), 'utf8');
    for (const [, specifier = ''] of code.matchAll(/(?:from|import)\s*\(?['"]([^'"]+)['"]/g)) imported.add(specifier);
  }
  expect([...imported].filter((specifier) => !specifier.startsWith('./'))).toEqual(['@trpc/client']);
});
