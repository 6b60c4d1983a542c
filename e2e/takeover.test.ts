// A replica of `runs` goes and comes back on its own data directory: what it left running is its own again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { closeGate } from './src/gates.js';
import { processesBelow } from './src/left-behind.js';
import { explained, type Processes, startProcesses } from './src/processes.js';
import { numbersOf, type Submitted } from './src/runs-client.js';
import { letGo, tracesOf, tracing } from './src/traces.js';

const directories = {
  running: 'hold',
  ended: 'hold',
  failed: 'fail',
  canceled: 'hold',
  intent: 'pass',
  stopped: 'hold',
  orphan: 'pass',
  planned: 'pass',
  queued: 'pass',
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
    // Nobody else is to judge while a replica restarts, however slow the machine is.
    settings: { TERRAMESH_LEASE_SECONDS: '120', TERRAMESH_CONCURRENCY: '2' },
  });
});

afterAll(() => system?.stop());

async function startApply(name: Name) {
  const submitted = await system.client.submit('apply', name);
  await until(() => tracesOf(system.traces, name), { timeoutMs: 30_000, describe: `the apply of ${name}` });
  await system.client.reached(submitted.runId, 'applying');
  return { submitted, worker: await system.workerOf(submitted.runId) };
}

async function terraformEnded(): Promise<void> {
  const isOver = async () => (await processesBelow(system.root)).length === 0;
  await until(isOver, { timeoutMs: 20_000, describe: 'the end of Terraform' });
}

async function expectAppliedOnce(submitted: Submitted, name: Name): Promise<void> {
  const { client, traces, terraform } = system;
  const run = await client.finished(submitted.runId);
  expect(run).toMatchObject({ outcome: 'success', executions: [{ state: 'applied', epoch: 3 }] });
  const { status, projects } = await client.result(submitted);
  expect(status).toBe(200);
  for (const part of ['before-the-wait', 'after-the-wait', 'Apply complete! Resources: 1 added'])
    expect(projects[0]?.ApplySuccess).toContain(part);
  expect(await tracesOf(traces, name)).toBe(1);
  const applies = (await terraform.calls()).filter(({ args, cwd }) => args[0] === 'apply' && cwd.endsWith(`/${name}`));
  expect(applies).toHaveLength(1);
  await client.noLocks();
  // What it wrote is safe: there is nothing left to do.
  const plan = await client.complete('plan', name);
  expect(plan.projects[0]?.PlanSuccess?.TerraformOutput).toContain('No changes.');
}

describe('a replica that is killed and started again takes over', () => {
  scenario('the apply that goes on, with all of its output', async () => {
    const { client, traces } = system;
    const { submitted, worker } = await startApply('running');
    const log = client.follow(submitted.runId);
    await worker.kill();
    await worker.start();
    await until(async () => (await client.execution(submitted.runId)).epoch === 3, { describe: 'the takeover' });
    expect(await client.execution(submitted.runId)).toMatchObject({ state: 'applying' });
    await letGo(traces, 'running');
    await expectAppliedOnce(submitted, 'running');
    await log.ended;
    expect(numbersOf(log.lines)).toEqual(log.lines.map((_, index) => index + 1));
    const texts = log.lines.map(({ text }) => text);
    for (const part of ['before-the-wait', 'after-the-wait', 'Apply complete!'])
      expect(texts.some((text) => text.includes(part))).toBe(true);
  });

  scenario('the apply that succeeded while it was away', async () => {
    const { traces } = system;
    const { submitted, worker } = await startApply('ended');
    await worker.kill();
    await letGo(traces, 'ended');
    await terraformEnded();
    await worker.start();
    await expectAppliedOnce(submitted, 'ended');
  });

  scenario('the apply that failed while it was away', async () => {
    const { client, traces } = system;
    const { submitted, worker } = await startApply('failed');
    await worker.kill();
    await letGo(traces, 'failed');
    await terraformEnded();
    await worker.start();
    const run = await client.finished(submitted.runId);
    expect(run).toMatchObject({ outcome: 'failed', executions: [{ state: 'apply_failed' }] });
    const { status, projects } = await client.result(submitted);
    expect(status).toBe(500);
    expect(projects[0]?.Error).toContain('terraform apply failed: exit code 1');
    expect(projects[0]?.Error).toContain('before-the-wait');
    expect(await tracesOf(traces, 'failed')).toBe(1);
    await client.noLocks();
  });

  scenario('the apply that was canceled while it was away, and interrupts it', async () => {
    const { client, traces } = system;
    const { submitted, worker } = await startApply('canceled');
    await worker.kill();
    expect((await client.cancel(submitted.runId)).status).toBe(200);
    await worker.start();
    const run = await client.finished(submitted.runId);
    expect(run).toMatchObject({ outcome: 'failed', executions: [{ state: 'apply_failed', epoch: 3 }] });
    const { projects } = await client.result(submitted);
    expect(projects[0]?.Error).toContain('it was canceled and was interrupted');
    expect(await tracesOf(traces, 'canceled')).toBe(1);
    await terraformEnded();
    await client.noLocks();
  });

  scenario('no plan: that is made anew, and the process that nobody listened to is ended', async () => {
    const { client, terraform, root } = system;
    const hold = await terraform.hold('plan', 'orphan');
    const submitted = await client.submit('plan', 'orphan');
    await hold.reached();
    const plans = async () => (await processesBelow(root)).filter(({ command }) => / plan .*-out=/.test(command));
    const [orphan] = await plans();
    const worker = await system.workerOf(submitted.runId);
    await worker.kill();
    await worker.start();
    await until(async () => (await client.execution(submitted.runId)).epoch === 2, { describe: 'the second plan' });
    await until(async () => (await plans()).length === 1, { describe: 'the second plan to run' });
    expect((await plans())[0]?.pid).not.toBe(orphan?.pid);
    await hold.release();
    expect(await client.finished(submitted.runId)).toMatchObject({ outcome: 'success' });
    await client.noLocks();
  });

  scenario('nothing of an apply that may have been started and was not: it says so at once', async () => {
    const { client, databaseUrl, traces } = system;
    const gate = await closeGate(databaseUrl, 'commit', 'execution:apply_intent');
    const submitted = await client.submit('apply', 'intent');
    await gate.reached();
    const worker = await system.workerOf(submitted.runId);
    worker.pause();
    await gate.open();
    await client.reached(submitted.runId, 'apply_intent');
    await worker.kill();
    await worker.start();
    const run = await client.finished(submitted.runId);
    expect(run).toMatchObject({ outcome: 'failed', executions: [{ state: 'outcome_unknown' }] });
    expect(await tracesOf(traces, 'intent')).toBe(0);
    expect((await client.complete('plan', 'intent')).status).toBe(200);
    await client.noLocks();
  });
});

describe('a replica that is asked to stop', () => {
  scenario('leaves an apply to itself, and takes it over at its next start', async () => {
    const { client, traces, root } = system;
    const { submitted, worker } = await startApply('stopped');
    expect(await worker.stop()).toBe(0);
    expect((await processesBelow(root)).length).toBeGreaterThan(0);
    expect(await client.execution(submitted.runId)).toMatchObject({ state: 'applying' });
    await worker.start();
    await until(async () => (await client.execution(submitted.runId)).epoch === 3, { describe: 'the takeover' });
    await letGo(traces, 'stopped');
    await expectAppliedOnce(submitted, 'stopped');
  });

  scenario('hands its plan back, and another replica makes it; what was queued is done as well', async () => {
    const { client, terraform, root } = system;
    const hold = await terraform.hold('plan', 'planned');
    const submitted = await client.submit('plan', 'planned');
    await hold.reached();
    const worker = await system.workerOf(submitted.runId);
    const stopped = worker.stop();
    const queued = await client.submit('plan', 'queued');
    expect(await stopped).toBe(0);
    await until(async () => (await client.execution(submitted.runId)).epoch === 2, { describe: 'another worker' });
    expect(await system.workerOf(submitted.runId)).not.toBe(worker);
    await hold.release();
    for (const { runId } of [submitted, queued])
      expect(await client.finished(runId)).toMatchObject({ outcome: 'success', executions: [{ state: 'planned' }] });
    await client.noLocks();
    expect(await processesBelow(root)).toEqual([]);
    await worker.start();
  });
});
