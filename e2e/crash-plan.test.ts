// A worker is killed with SIGKILL before anything was applied: another one does its work, as if nothing had happened.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { closeGate } from './src/gates.js';
import { foldersLeftIn, processesBelow } from './src/left-behind.js';
import type { FollowedLog } from './src/log-follower.js';
import { explained, leaseSeconds, type Processes, type Replica, startProcesses } from './src/processes.js';
import { numbersOf, type Submitted } from './src/runs-client.js';
import { tracesOf, tracing } from './src/traces.js';

const names = ['resolve', 'init', 'plan', 'paused', 'permit', 'granted'] as const;
/** A lease that was just renewed runs out, the next look finds it, and Terraform runs again. */
const takeoverMs = (leaseSeconds + 7) * 1000;

let system: Processes;
let killed: Replica | undefined;
/** Logs that were followed across a kill. */
const followed: FollowedLog[] = [];

const scenario = (name: string, work: () => Promise<void>) =>
  test(
    name,
    explained(() => system, work),
  );

beforeAll(async () => {
  system = await startProcesses({
    files: (traces) => Object.fromEntries(names.map((name) => [`${name}/main.tf`, tracing(traces, name, 'pass')])),
  });
});

afterAll(() => system?.stop());

/** Everybody is there when the next one is killed; until then, starting does not take the test's time. */
let starting: Promise<void> | undefined;
afterEach(() => {
  starting = killed?.start();
  starting?.catch(() => {});
});

async function killWorkerOf(runId: string): Promise<void> {
  await starting;
  killed = await system.workerOf(runId);
  await killed.kill();
}

/** The other replica has done it, in time, and nothing is left. */
async function expectPlanned(submitted: Submitted, killedAt: number): Promise<void> {
  const { client } = system;
  const run = await client.finished(submitted.runId);
  expect(Date.now() - killedAt).toBeLessThan(takeoverMs);
  expect(run).toMatchObject({ outcome: 'success', executions: [{ state: 'planned' }] });
  const { status, projects } = await client.result(submitted);
  expect({ status, projects }).toMatchObject({ status: 200, projects: [{ Error: null, Failure: '' }] });
  expect(projects[0]?.PlanSuccess?.TerraformOutput).toContain('Plan: 1 to add, 0 to change, 0 to destroy.');
  await client.noLocks();
}

describe('a plan whose worker is killed is made by another', () => {
  scenario('while it is resolved', async () => {
    const { client, databaseUrl } = system;
    const gate = await closeGate(databaseUrl, 'write', 'run:running');
    const submitted = await client.submit('plan', 'resolve');
    await gate.reached();
    await killWorkerOf(submitted.runId);
    const killedAt = Date.now();
    await gate.open();
    await expectPlanned(submitted, killedAt);
    expect(await client.executions(submitted.runId)).toMatchObject([{ epoch: 1, losses: 0 }]);
  });

  for (const command of ['init', 'plan'] as const)
    scenario(`during terraform ${command}`, async () => {
      const { client, terraform } = system;
      const hold = await terraform.hold(command, command);
      const submitted = await client.submit('plan', command);
      await hold.reached();
      const log = client.follow(submitted.runId);
      await killWorkerOf(submitted.runId);
      const killedAt = Date.now();
      await hold.release();
      await expectPlanned(submitted, killedAt);
      expect(await client.executions(submitted.runId)).toMatchObject([{ epoch: 2, losses: 1 }]);
      followed.push(log);
    });
});

describe('an apply whose worker is killed before Terraform may have been started', () => {
  for (const [name, when] of [
    ['permit', 'between the plan and apply_intent'],
    ['granted', 'while apply_intent is committed, when the commit is lost'],
  ] as const)
    scenario(`is done once by another: ${when}`, async () => {
      const { client, databaseUrl, traces } = system;
      const gate = await closeGate(databaseUrl, name === 'permit' ? 'write' : 'commit', 'execution:apply_intent');
      const submitted = await client.submit('apply', name);
      await gate.reached();
      await killWorkerOf(submitted.runId);
      // A backend that waits for a lock does not see that its client is gone.
      if (name === 'granted')
        await system.client.sql(`select pg_terminate_backend(pid) from pg_locks where not granted`);
      await gate.open();
      const run = await client.finished(submitted.runId);
      expect(run).toMatchObject({ outcome: 'success', executions: [{ state: 'applied', epoch: 3 }] });
      expect((await client.result(submitted)).status).toBe(200);
      expect(await tracesOf(traces, name)).toBe(1);
      expect((await appliesOf(name)).length).toBe(1);
      await client.noLocks();
    });
});

async function appliesOf(name: string) {
  const calls = await system.terraform.calls();
  return calls.filter(({ args, cwd }) => args[0] === 'apply' && cwd.endsWith(`/${name}`));
}

scenario('a worker that was silent for longer than its lease writes nothing when it is back', async () => {
  const { client, terraform } = system;
  const hold = await terraform.hold('plan', 'paused');
  const submitted = await client.submit('plan', 'paused');
  await hold.reached();
  await starting;
  const silent = await system.workerOf(submitted.runId);
  silent.pause();
  try {
    await until(async () => (await client.execution(submitted.runId)).epoch === 2, {
      timeoutMs: 15_000,
      describe: 'the lease to be taken',
    });
    silent.resume();
    await until(() => silent.output.includes('gave up work that is no longer ours'), {
      timeoutMs: 15_000,
      describe: 'the silent worker to give up',
    });
    expect(await client.execution(submitted.runId)).toMatchObject({ epoch: 2, losses: 1 });
    expect(['leased', 'preparing', 'planning']).toContain((await client.execution(submitted.runId)).state);
    await hold.release();
    const run = await client.finished(submitted.runId);
    expect(run).toMatchObject({ outcome: 'success', executions: [{ state: 'planned', epoch: 2 }] });
    const lines = await client.sql<{ body: string }>(`select body from runs.log_chunk where run_id = $1`, [run.id]);
    const text = lines.map(({ body }) => body).join('\n');
    expect(text.split('Plan: 1 to add').length - 1).toBe(1);
  } finally {
    silent.resume();
  }
});

scenario('who followed a log across a kill has every line once', async () => {
  for (const { ended, lines } of followed) {
    await ended;
    expect(lines.length).toBeGreaterThan(5);
    expect(numbersOf(lines)).toEqual(lines.map((_, index) => index + 1));
  }
  expect(followed).toHaveLength(2);
});

scenario('no process, checkout or folder of an execution is left behind', async () => {
  const { replicas, root } = system;
  await starting;
  const dataDirs = replicas.map(({ dataDir }) => dataDir);
  const isEmpty = async () => [...(await processesBelow(root)), ...(await foldersLeftIn(dataDirs))].length === 0;
  await until(isEmpty, { timeoutMs: 45_000, describe: 'empty folders' });
});
