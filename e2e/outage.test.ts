// Postgres or NATS is away for longer than a lease: every run still ends as what it was, and nothing is left behind.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { closeGate } from './src/gates.js';
import { foldersLeftIn, processesBelow } from './src/left-behind.js';
import { explained, leaseSeconds, type Processes, startProcesses } from './src/processes.js';
import type { ProjectResult } from './src/runs-client.js';
import { letGo, tracesOf, tracing } from './src/traces.js';

const directories = {
  'pg-plan': 'pass',
  'pg-apply': 'hold',
  'pg-ended': 'hold',
  'pg-intent': 'pass',
  'nats-plan': 'pass',
  'nats-apply': 'hold',
  next: 'pass',
} as const;
type Name = keyof typeof directories;

let system: Processes;

const scenario = (name: string, work: () => Promise<void>) =>
  test(
    name,
    explained(() => system, work),
  );

beforeAll(async () => {
  system = await startProcesses({
    files: (traces) =>
      Object.fromEntries(
        Object.entries(directories).map(([name, kind]) => [`${name}/main.tf`, tracing(traces, name, kind)]),
      ),
    settings: { TERRAMESH_CONCURRENCY: '3' },
  });
});

afterAll(() => system?.stop());

afterEach(async () => {
  const { client, root } = system;
  expect(await client.complete('plan', 'next')).toMatchObject({ status: 200 });
  await client.noLocks();
  await until(async () => (await processesBelow(root)).length === 0, { describe: 'the end of Terraform' });
});

/** Long enough for every lease that was held at `since` to have run out. */
async function leasesRunOut(since: number): Promise<void> {
  const isOver = () => Date.now() - since > (leaseSeconds + 1) * 1000;
  await until(isOver, { timeoutMs: 20_000, describe: 'all leases to run out' });
}

/** A caller that waits for the answer, over all of the outage. */
async function ask(kind: 'plan' | 'apply', name: Name): Promise<{ status: number; projects: ProjectResult[] }> {
  const body = { Repository: 'acme/infra', Ref: 'main', Type: 'Github', Paths: [{ Directory: name }] };
  const answer = await system.client.http('POST', `/api/${kind}`, { body });
  return { status: answer.status, projects: answer.json<{ ProjectResults: ProjectResult[] }>().ProjectResults };
}

async function applying(name: Name): Promise<void> {
  await until(() => tracesOf(system.traces, name), { timeoutMs: 30_000, describe: `the apply of ${name}` });
}

async function runOf(name: Name): Promise<string> {
  const rows = await system.client.sql<{ id: string }>(`select run_id as id from runs.execution where directory = $1`, [
    name,
  ]);
  return rows[0]?.id ?? '';
}

async function isRunning(command: string, name: Name): Promise<boolean> {
  const { root } = system;
  const found = await processesBelow(root);
  const cwds = found.filter((one) => one.command.includes(` ${command} `) && one.cwd.endsWith(`/${name}`));
  return cwds.length > 0;
}

async function expectApplied(answer: Awaited<ReturnType<typeof ask>>, name: Name): Promise<void> {
  expect(answer.status).toBe(200);
  for (const part of ['before-the-wait', 'after-the-wait', 'Apply complete!'])
    expect(answer.projects[0]?.ApplySuccess).toContain(part);
  expect(await tracesOf(system.traces, name)).toBe(1);
  const runId = await runOf(name);
  expect((await system.client.run(runId)).executions).toMatchObject([{ state: 'applied' }]);
  const log = await system.client.log(runId);
  for (const part of ['before-the-wait', 'after-the-wait', 'Apply complete!']) expect(log).toContain(part);
}

describe('Postgres is killed, and comes back after every lease has run out', () => {
  scenario('plans are made again; applies go on and are recorded, also those that ended meanwhile', async () => {
    const { client, databaseUrl, postgres, replicas, terraform, traces } = system;
    const hold = await terraform.hold('plan', 'pg-plan');
    const plan = ask('plan', 'pg-plan');
    const apply = ask('apply', 'pg-apply');
    const ended = ask('apply', 'pg-ended');
    await hold.reached();
    await applying('pg-apply');
    await applying('pg-ended');
    // A commit that Postgres is killed over: its worker cannot know what became of it.
    const gate = await closeGate(databaseUrl, 'commit', 'execution:apply_intent');
    const intent = ask('apply', 'pg-intent');
    await gate.reached();
    for (const name of ['pg-apply', 'pg-ended'] as const) await client.reached(await runOf(name), 'applying');

    await postgres.kill();
    await gate.open().catch(() => {});
    const killedAt = Date.now();
    await letGo(traces, 'pg-ended');
    await until(async () => !(await isRunning('apply', 'pg-ended')), { describe: 'the end of the apply' });
    await until(() => replicas.some(({ output }) => output.includes('a result waits for the database')), {
      describe: 'a worker to wait for the database',
    });
    // Whoever cannot renew stops itself.
    await until(async () => !(await isRunning('plan', 'pg-plan')), { describe: 'the plan to be stopped' });
    expect(await isRunning('apply', 'pg-apply')).toBe(true);
    await leasesRunOut(killedAt);
    await postgres.restart();
    await hold.release();

    await expectApplied(await ended, 'pg-ended');
    await letGo(traces, 'pg-apply');
    await expectApplied(await apply, 'pg-apply');
    expect(await plan).toMatchObject({ status: 200, projects: [{ Error: null, Failure: '' }] });
    expect(await client.executions(await runOf('pg-plan'))).toMatchObject([{ epoch: 2, losses: 0 }]);
    expect(await intent).toMatchObject({
      status: 500,
      projects: [{ Error: expect.stringContaining('nothing was applied'), ApplySuccess: '' }],
    });
    expect(await tracesOf(traces, 'pg-intent')).toBe(0);
  });
});

describe('NATS is killed, and comes back after every lease could have run out', () => {
  scenario('plans and applies end without it; who waits gets the answer', async () => {
    const { client, nats, terraform, traces } = system;
    const hold = await terraform.hold('plan', 'nats-plan');
    const plan = ask('plan', 'nats-plan');
    const apply = ask('apply', 'nats-apply');
    await hold.reached();
    await applying('nats-apply');
    await client.reached(await runOf('nats-apply'), 'applying');

    await nats.kill();
    const killedAt = Date.now();
    await hold.release();
    await letGo(traces, 'nats-apply');
    expect(await client.reached(await runOf('nats-plan'), 'planned')).toMatchObject({ epoch: 1 });
    expect(await client.reached(await runOf('nats-apply'), 'applied')).toMatchObject({ epoch: 2 });
    await leasesRunOut(killedAt);
    await nats.restart();

    expect(await plan).toMatchObject({ status: 200, projects: [{ Error: null, Failure: '' }] });
    await expectApplied(await apply, 'nats-apply');
  });
});

scenario('no checkout and no folder of an execution is left behind', async () => {
  const dataDirs = system.replicas.map(({ dataDir }) => dataDir);
  const isEmpty = async () => (await foldersLeftIn(dataDirs)).length === 0;
  await until(isEmpty, { timeoutMs: 45_000, describe: 'empty folders' });
});
