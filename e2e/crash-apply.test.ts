// A worker is lost when Terraform may have been started: nobody applies again, nobody says that it worked, the lock stays.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { closeGate } from './src/gates.js';
import { processesBelow } from './src/left-behind.js';
import { explained, type Processes, type Replica, startProcesses } from './src/processes.js';
import { numbersOf, type Submitted } from './src/runs-client.js';
import { letGo, tracesOf, tracing } from './src/traces.js';

const directories = { intent: 'pass', running: 'hold', silent: 'hold', cleared: 'hold' } as const;
type Name = keyof typeof directories;

let system: Processes;
let killed: Replica | undefined;

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
  });
});

afterAll(() => system?.stop());

afterEach(async () => {
  await killed?.start();
  killed = undefined;
});

async function appliesOf(name: Name): Promise<number> {
  const calls = await system.terraform.calls();
  return calls.filter(({ args, cwd }) => args[0] === 'apply' && cwd.endsWith(`/${name}`)).length;
}

const lockOf = async (name: Name) => (await system.client.locks()).find((lock) => lock.ProjectRepoPath === name);

async function expectUnknown(submitted: Submitted, name: Name): Promise<void> {
  const { client } = system;
  expect(await client.run(submitted.runId)).toMatchObject({
    outcome: 'failed',
    executions: [{ state: 'outcome_unknown' }],
  });
  const { status, projects } = await client.result(submitted);
  expect(status).toBe(500);
  expect(projects).toMatchObject([{ Failure: '', ApplySuccess: '' }]);
  expect(projects[0]?.Error).toContain('nobody knows what it changed');
  expect(await lockOf(name)).toMatchObject({ PullID: `run ${submitted.runId}` });
}

async function expectKeptBySweeps(name: Name): Promise<void> {
  const { client } = system;
  await client.sql(`update locks.claims set joined_at = joined_at - interval '1 hour'`);
  const begun = async () =>
    (await client.sql<{ at: Date }>(`select begun_at as at from locks.sweeps`))[0]?.at.getTime();
  for (let sweep = 0; sweep < 2; sweep += 1) {
    const before = await begun();
    await until(async () => (await begun()) !== before, { describe: 'a sweep' });
  }
  expect(await lockOf(name)).toBeDefined();
}

async function expectApplyRefused(name: Name): Promise<void> {
  const { client } = system;
  const refused = await client.complete('apply', name);
  expect(refused.status).toBe(500);
  expect(refused.projects).toMatchObject([{ Error: null, ApplySuccess: '' }]);
  expect(refused.projects[0]?.Failure).toContain('ended without a known outcome');
  expect(refused.projects[0]?.Failure).toContain(`acme/infra/${name}/default`);
  expect(await lockOf(name)).toBeDefined();
}

async function planTakesOver(name: Name): Promise<void> {
  const plan = await system.client.complete('plan', name);
  expect({ status: plan.status, projects: plan.projects }).toMatchObject({ status: 200, projects: [{ Failure: '' }] });
  await until(async () => (await lockOf(name)) === undefined, { describe: `the lock of ${name} to be free` });
}

/** True when the state that plans begin with has what the apply made. */
async function knowsOf(name: Name): Promise<boolean> {
  const plan = await system.client.complete('plan', name);
  expect(plan.status).toBe(200);
  return plan.projects[0]?.PlanSuccess?.TerraformOutput.includes('No changes.') === true;
}

async function deleteLock(name: Name): Promise<void> {
  const lock = await lockOf(name);
  const answer = await system.client.http('DELETE', `/locks?id=${encodeURIComponent(lock?.Name ?? '')}`);
  expect(answer.status).toBe(200);
  expect(await lockOf(name)).toBeUndefined();
}

describe('an apply whose worker is killed', () => {
  scenario('between apply_intent and the start of Terraform was not made, and nobody says that it was', async () => {
    const { client, databaseUrl, traces } = system;
    const gate = await closeGate(databaseUrl, 'commit', 'execution:apply_intent');
    const submitted = await client.submit('apply', 'intent');
    await gate.reached();
    killed = await system.workerOf(submitted.runId);
    // It has asked for the commit; stopped here, it does not read the answer.
    killed.pause();
    await gate.open();
    await client.reached(submitted.runId, 'apply_intent');
    await killed.kill();

    await client.finished(submitted.runId);
    await expectUnknown(submitted, 'intent');
    await expectKeptBySweeps('intent');
    await expectApplyRefused('intent');
    await killed.start();
    await expectUnknown(submitted, 'intent');
    expect(await appliesOf('intent')).toBe(0);
    expect(await tracesOf(traces, 'intent')).toBe(0);
    await planTakesOver('intent');

    const again = await client.complete('apply', 'intent');
    expect(again.status).toBe(200);
    expect(await appliesOf('intent')).toBe(1);
    expect(await tracesOf(traces, 'intent')).toBe(1);
    expect(await client.run(submitted.runId)).toMatchObject({ executions: [{ state: 'outcome_unknown' }] });
  });

  scenario(
    'during the apply is never applied again; Terraform goes on to its end, and still nobody claims to know',
    async () => {
      const { client, traces, root } = system;
      const submitted = await client.submit('apply', 'running');
      await until(() => tracesOf(traces, 'running'), { timeoutMs: 30_000, describe: 'the apply to run' });
      await client.reached(submitted.runId, 'applying');
      const log = client.follow(submitted.runId);
      killed = await system.workerOf(submitted.runId);
      await killed.kill();

      await client.finished(submitted.runId);
      await expectUnknown(submitted, 'running');
      await expectApplyRefused('running');
      await log.ended;
      expect(numbersOf(log.lines)).toEqual(log.lines.map((_, index) => index + 1));

      // Its host is back, and a person who has had a look deletes the lock while Terraform is still at it.
      const isApplying = async () => (await processesBelow(root)).some(({ command }) => command.includes(' apply '));
      expect(await isApplying()).toBe(true);
      await killed.start();
      await expectKeptBySweeps('running');
      await expectUnknown(submitted, 'running');
      await deleteLock('running');
      expect(await isApplying()).toBe(true);
      await letGo(traces, 'running');
      await until(async () => !(await isApplying()), { describe: 'the end of Terraform' });
      expect(await appliesOf('running')).toBe(1);
      expect(await tracesOf(traces, 'running')).toBe(1);
      // What it wrote is not lost, and its record stands.
      await until(() => knowsOf('running'), { timeoutMs: 20_000, describe: 'the state of the lost apply' });
      await client.noLocks();
      expect(await client.run(submitted.runId)).toMatchObject({ executions: [{ state: 'outcome_unknown' }] });
    },
  );
});

scenario(
  'a worker that was killed while it cleared up after a lost apply starts all the same, and goes on with that',
  async () => {
    const { client, traces, root } = system;
    const submitted = await client.submit('apply', 'cleared');
    await until(() => tracesOf(traces, 'cleared'), { timeoutMs: 30_000, describe: 'the apply to run' });
    await client.reached(submitted.runId, 'applying');
    killed = await system.workerOf(submitted.runId);
    await killed.kill();
    await letGo(traces, 'cleared');
    await until(async () => (await processesBelow(root)).length === 0, { describe: 'the end of Terraform' });
    await client.finished(submitted.runId);
    await deleteLock('cleared');
    // Its checkout went first; a mark was being written.
    const checkouts = join(killed.dataDir, 'runs', 'checkouts');
    const executions = join(killed.dataDir, 'runs', 'executions');
    await rm(checkouts, { recursive: true });
    await mkdir(join(checkouts, 'marks'), { recursive: true });
    await writeFile(join(checkouts, 'marks', 'draft'), '{');
    expect(await readdir(executions)).toContain((await client.execution(submitted.runId)).id);
    await killed.start();
    const left = async () => [...(await readdir(join(checkouts, 'marks'))), ...(await readdir(executions))];
    await until(async () => (await left()).length === 0, { describe: 'the rest to be removed' });
    expect(await client.run(submitted.runId)).toMatchObject({ executions: [{ state: 'outcome_unknown' }] });
  },
);

scenario('a worker that was silent during an apply until its lease was gone writes nothing about the end', async () => {
  const { client, traces, root } = system;
  const submitted = await client.submit('apply', 'silent');
  await until(() => tracesOf(traces, 'silent'), { timeoutMs: 30_000, describe: 'the apply to run' });
  await client.reached(submitted.runId, 'applying');
  const silent = await system.workerOf(submitted.runId);
  silent.pause();
  try {
    await client.reached(submitted.runId, 'outcome_unknown');
    const written = () =>
      client.sql(
        `select (select row_to_json(execution) from runs.execution where run_id = $1) as row,
           (select count(*) from runs.log_chunk where run_id = $1) as chunks,
           (select count(*) from runs.result_text join runs.execution on id = execution_id where run_id = $1) as texts`,
        [submitted.runId],
      );
    await until(async () => (await client.execution(submitted.runId)).lockState === 'kept', { describe: 'the guard' });
    const before = await written();
    await letGo(traces, 'silent');
    await until(async () => (await processesBelow(root)).length === 0, { describe: 'the end of Terraform' });
    silent.resume();
    await until(() => silent.output.includes('gave up work that is no longer ours'), {
      timeoutMs: 15_000,
      describe: 'the silent worker to give up',
    });
    expect(await written()).toEqual(before);
    await expectUnknown(submitted, 'silent');
    await planTakesOver('silent');
    expect(await knowsOf('silent')).toBe(true);
    await client.noLocks();
  } finally {
    silent.resume();
  }
});
