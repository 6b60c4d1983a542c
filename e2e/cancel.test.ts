// Runs that are to end early: canceled, or out of time. Terraform is asked, never just killed.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { processesBelow } from './src/left-behind.js';
import { explained, type Processes, startProcesses } from './src/processes.js';
import { tracesOf, tracing } from './src/traces.js';

const timeoutSeconds = 6;

let system: Processes;

const scenario = (name: string, work: () => Promise<void>) =>
  test(
    name,
    explained(() => system, work),
  );

beforeAll(async () => {
  system = await startProcesses({
    files: (traces) => ({
      'plan/main.tf': `${localBackend(traces)}${tracing(traces, 'plan', 'pass')}`,
      'held/main.tf': `${localBackend(traces)}${tracing(traces, 'held', 'hold')}`,
      'apply/main.tf': tracing(traces, 'apply', 'hold'),
      'waiting/main.tf': tracing(traces, 'waiting', 'pass'),
      'slow-init/main.tf': tracing(traces, 'slow-init', 'pass'),
      'slow-plan/main.tf': tracing(traces, 'slow-plan', 'pass'),
      'slow-apply/main.tf': tracing(traces, 'slow-apply', 'hold'),
    }),
    runsReplicas: 1,
    settings: {
      TERRAMESH_CONCURRENCY: '4',
      TERRAMESH_INIT_TIMEOUT_SECONDS: String(timeoutSeconds),
      TERRAMESH_PLAN_TIMEOUT_SECONDS: String(timeoutSeconds),
      TERRAMESH_APPLY_TIMEOUT_SECONDS: String(timeoutSeconds),
    },
  });
});

afterAll(() => system?.stop());

/** Two root modules with one state: who comes second waits for Terraform's own state lock. */
function localBackend(traces: string): string {
  return `terraform {
  backend "local" { path = "${join(traces, 'shared.tfstate')}" }
}
`;
}

async function nothingRuns(): Promise<void> {
  const isOver = async () => (await processesBelow(system.root)).length === 0;
  await until(isOver, { timeoutMs: 20_000, describe: 'the end of Terraform' });
}

describe('a run that is canceled', () => {
  scenario('while Terraform plans ends as canceled, and Terraform with it', async () => {
    const { client, traces } = system;
    const holder = await client.submit('apply', 'held');
    await until(() => tracesOf(traces, 'held'), { timeoutMs: 30_000, describe: 'the holder of the state lock' });
    const submitted = await client.submit('plan', 'plan');
    await client.reached(submitted.runId, 'planning');
    const isPlanning = async () =>
      (await processesBelow(system.root)).some(({ command }) => / plan .*-out=/.test(command));
    await until(isPlanning, { describe: 'terraform plan to wait for the state lock' });

    expect((await client.cancel(submitted.runId)).status).toBe(200);
    const run = await client.finished(submitted.runId);
    expect(run).toMatchObject({ outcome: 'canceled', executions: [{ state: 'canceled' }] });
    expect(run.cancelRequestedAt).not.toBeNull();
    expect(await isPlanning()).toBe(false);
    const { status, projects } = await client.result(submitted);
    expect(status).toBe(500);
    expect(projects).toMatchObject([{ Error: null, Failure: expect.stringContaining('canceled'), PlanSuccess: null }]);
    expect((await client.locks()).map((lock) => lock.ProjectRepoPath)).toEqual(['held']);

    await client.cancel(holder.runId);
    await client.finished(holder.runId);
    expect((await client.complete('plan', 'plan')).status).toBe(200);
    await client.noLocks();
  });

  scenario('while Terraform applies: it is interrupted, writes its state, and the run has failed', async () => {
    const { client, traces } = system;
    const submitted = await client.submit('apply', 'apply');
    await until(() => tracesOf(traces, 'apply'), { timeoutMs: 30_000, describe: 'the apply to run' });
    await client.reached(submitted.runId, 'applying');
    expect((await client.cancel(submitted.runId)).status).toBe(200);
    const run = await client.finished(submitted.runId);
    expect(run).toMatchObject({ outcome: 'failed', executions: [{ state: 'apply_failed' }] });
    const { status, projects } = await client.result(submitted);
    expect(status).toBe(500);
    expect(projects[0]?.Error).toContain('it was canceled and was interrupted');
    expect(projects[0]?.Error).toContain('Interrupt received');
    await nothingRuns();
    await client.noLocks();
    // The state knows of the half-made resource.
    const plan = await client.complete('plan', 'apply');
    expect(plan.projects[0]?.PlanSuccess?.TerraformOutput).toContain('is tainted, so must be replaced');
  });

  scenario('before it starts never starts, and leaves the one before it alone', async () => {
    const { client, terraform } = system;
    const hold = await terraform.hold('plan', 'waiting');
    const first = await client.submit('plan', 'waiting');
    await hold.reached();
    const second = await client.submit('apply', 'waiting');
    await until(async () => (await client.run(second.runId)).executions[0]?.waitingFor?.includes(first.runId), {
      describe: 'the second run to wait for the first',
    });
    await client.cancel(second.runId);
    expect(await client.finished(second.runId)).toMatchObject({
      outcome: 'canceled',
      executions: [{ state: 'canceled', epoch: 0 }],
    });
    await hold.release();
    expect(await client.finished(first.runId)).toMatchObject({ outcome: 'success' });
    await client.noLocks();
    const plans = (await terraform.calls()).filter(({ args, cwd }) => args[0] === 'plan' && cwd.endsWith('/waiting'));
    expect(plans).toHaveLength(1);
  });

  scenario('when it is over stays as it ended', async () => {
    const { client } = system;
    const done = await client.complete('plan', 'waiting');
    expect((await client.cancel(done.runId)).status).toBe(200);
    expect(await client.run(done.runId)).toMatchObject({ outcome: 'success', cancelRequestedAt: null });
  });
});

scenario('init, plan and apply that take too long are stopped, and say so', async () => {
  const { client, terraform, traces } = system;
  const holds = [await terraform.hold('init', 'slow-init'), await terraform.hold('plan', 'slow-plan')];
  const init = await client.submit('plan', 'slow-init');
  const plan = await client.submit('plan', 'slow-plan');
  const apply = await client.submit('apply', 'slow-apply');
  for (const submitted of [init, plan, apply])
    expect(await client.finished(submitted.runId)).toMatchObject({ outcome: 'failed' });
  for (const [submitted, command] of [
    [init, 'init'],
    [plan, 'plan'],
  ] as const) {
    const { status, projects } = await client.result(submitted);
    expect(status).toBe(500);
    expect(projects[0]?.Error).toContain(
      `terraform ${command} did not end within ${timeoutSeconds} seconds and was stopped`,
    );
  }
  const applied = await client.result(apply);
  expect(applied.projects[0]?.Error).toContain('it ran out of time and was interrupted');
  expect((await client.run(apply.runId)).executions).toMatchObject([{ state: 'apply_failed' }]);
  expect(await tracesOf(traces, 'slow-apply')).toBe(1);
  await nothingRuns();
  await client.noLocks();
  for (const hold of holds) await hold.release();
  expect((await client.complete('plan', ['slow-init', 'slow-plan'])).status).toBe(200);
});
