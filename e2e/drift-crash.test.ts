// drift and runs are killed with SIGKILL at every stage of a remediation: its record ends truthful, and nothing is applied
// twice.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AtlantisRemediation } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { closeGate, type GateName, type GatePoint } from './src/gates.js';
import { processesBelow } from './src/left-behind.js';
import { explained, type Processes, type Replica, startProcesses } from './src/processes.js';
import { letGo, tracesOf, tracing } from './src/traces.js';

const kinds = {
  unstarted: 'pass',
  unnoted: 'pass',
  planning: 'pass',
  intent: 'pass',
  applying: 'hold',
  driftless: 'hold',
  unrecorded: 'pass',
  halfway: 'pass',
} as const;
type Name = keyof typeof kinds;

let system: Processes;
let killed: Replica | undefined;

const scenario = (name: string, work: () => Promise<void>) =>
  test(
    name,
    explained(() => system, work),
  );

beforeAll(async () => {
  system = await startProcesses({
    driftReplicas: 2,
    settings: { TERRAMESH_DRIFT_DETECTION: 'true' },
    files: (traces) => ({
      'atlantis.yaml': `version: 3\nprojects:\n${Object.keys(kinds)
        .map((name) => `- name: ${name}\n  dir: ${name}\n`)
        .join('')}`,
      ...Object.fromEntries(
        Object.entries(kinds).map(([name, kind]) => [`${name}/main.tf`, tracing(traces, name, kind)]),
      ),
    }),
  });
});

afterAll(() => system?.stop());

afterEach(async () => {
  await Promise.all([...system.drift, ...system.replicas].map((one) => one.start()));
  killed = undefined;
});

async function submit(...projects: Name[]): Promise<string> {
  const body = { repository: 'acme/infra', ref: 'main', type: 'Github', action: 'apply', projects };
  const headers = { Prefer: 'respond-async' };
  const answer = await system.client.http('POST', '/api/drift/remediate', { body, headers });
  if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`);
  return answer.json<{ id: string }>().id;
}

const read = async (id: string) =>
  (await system.client.http('GET', `/api/drift/remediate/${id}`)).json<AtlantisRemediation>();

async function ended(id: string): Promise<AtlantisRemediation> {
  const isOver = async () => {
    const [row] = await system.client.sql(
      `select 1 from drift.remediations where id = $1 and completed_at > now() - interval '1 hour'`,
      [id],
    );
    return row !== undefined;
  };
  await until(isOver, { timeoutMs: 40_000, describe: `the end of remediation ${id}` });
  const remediation = await read(id);
  const told = await system.client.sql(`select 1 from drift.messages where message->>'remediationId' = $1`, [id]);
  expect(told).toHaveLength(1);
  expect(await system.client.sql(`select 1 from drift.remediation_claims where remediation_id = $1`, [id])).toEqual([]);
  return remediation;
}

const runsOf = (id: string) =>
  system.client.sql<{ id: string }>(`select id from runs.run where idempotency_key = $1`, [`remediation:${id}`]);

async function runOf(id: string): Promise<string> {
  const run = await until(async () => (await runsOf(id))[0], { timeoutMs: 20_000, describe: `the run of ${id}` });
  return run.id;
}

async function appliesOf(name: Name): Promise<number> {
  const calls = await system.terraform.calls();
  return calls.filter(({ args, cwd }) => args[0] === 'apply' && cwd.endsWith(`/${name}`)).length;
}

async function killDrift(): Promise<void> {
  await Promise.all(system.drift.map((one) => one.kill()));
}

/** All replicas of drift are killed when one of them, or of runs, stands at the gate. */
async function killAt(point: GatePoint, name: GateName, work: () => Promise<string>, alsoRuns: 'and runs' | 'only') {
  const gate = await closeGate(system.databaseUrl, point, name);
  const id = await work();
  await gate.reached();
  await killDrift();
  if (alsoRuns === 'and runs') {
    killed = await system.workerOf(await runOf(id));
    await killed.kill();
  }
  await gate.open();
  await Promise.all(system.drift.map((one) => one.start()));
  return id;
}

async function expectAppliedOnce(id: string, name: Name): Promise<void> {
  const remediation = await ended(id);
  expect(remediation).toMatchObject({ status: 'success', success_count: 1, failure_count: 0, total_projects: 1 });
  expect(remediation.projects).toMatchObject([
    {
      project_name: name,
      path: name,
      status: 'success',
      apply_output: expect.stringContaining('Apply complete!'),
      drift_after: { HasDrift: false },
    },
  ]);
  expect(await runsOf(id)).toHaveLength(1);
  expect(await appliesOf(name)).toBe(1);
  expect(await tracesOf(system.traces, name)).toBe(1);
}

describe('drift is killed', () => {
  scenario('before the run could be started: it is started later', async () => {
    await Promise.all(system.replicas.map((one) => one.kill()));
    const id = await submit('unstarted');
    expect(await read(id)).toMatchObject({ status: 'pending', projects: [{ status: 'pending' }] });
    await killDrift();
    await Promise.all([...system.drift, ...system.replicas].map((one) => one.start()));
    await expectAppliedOnce(id, 'unstarted');
  });

  scenario('between the start of the run and the note of it: the run is found again', async () => {
    const accept = async () => {
      submit('unnoted').catch(() => {});
      const newest = () =>
        system.client.sql<{ id: string }>(
          `select id from drift.remediations join drift.remediation_targets on remediation_id = id where name = 'unnoted'`,
        );
      return (await until(async () => (await newest())[0], { describe: 'the remediation' })).id;
    };
    const id = await killAt('write', 'remediations:running', accept, 'only');
    await expectAppliedOnce(id, 'unnoted');
  });

  scenario('while it applies: the end is recorded all the same', async () => {
    const id = await submit('driftless');
    await until(() => tracesOf(system.traces, 'driftless'), { timeoutMs: 30_000, describe: 'the apply to run' });
    expect(await read(id)).toMatchObject({ status: 'running', projects: [{ status: 'running' }] });
    await killDrift();
    await letGo(system.traces, 'driftless');
    await system.client.finished(await runOf(id));
    await Promise.all(system.drift.map((one) => one.start()));
    await expectAppliedOnce(id, 'driftless');
  });

  scenario('after the run was over and before that was recorded: it is recorded once', async () => {
    const id = await killAt('write', 'remediations:success', () => submit('unrecorded'), 'only');
    await expectAppliedOnce(id, 'unrecorded');
  });

  scenario(
    'when it has asked for the commit of the end: whether it got it or not, the end is recorded once',
    async () => {
      const id = await killAt('commit', 'remediations:success', () => submit('halfway'), 'only');
      await expectAppliedOnce(id, 'halfway');
    },
  );
});

describe('drift and the worker of the run are killed', () => {
  scenario('while it plans: another worker does it', async () => {
    const id = await killAt('write', 'execution:apply_queued', () => submit('planning'), 'and runs');
    await expectAppliedOnce(id, 'planning');
  });

  scenario('before the apply was permitted: another worker does it', async () => {
    const id = await killAt('write', 'execution:apply_intent', () => submit('intent'), 'and runs');
    await expectAppliedOnce(id, 'intent');
  });

  scenario('while it applies: nobody knows the outcome, and the record says so', async () => {
    const id = await submit('applying');
    await until(() => tracesOf(system.traces, 'applying'), { timeoutMs: 30_000, describe: 'the apply to run' });
    await system.client.reached(await runOf(id), 'applying');
    killed = await system.workerOf(await runOf(id));
    await Promise.all([killDrift(), killed.kill()]);
    await Promise.all(system.drift.map((one) => one.start()));
    const remediation = await ended(id);
    expect(remediation).toMatchObject({ status: 'failed', success_count: 0, failure_count: 1 });
    const [project] = remediation.projects;
    expect(project?.error).toMatch(/outcome of this apply is unknown/);
    expect(project?.error).toMatch(/A person must look/);
    expect(project?.drift_after).toBeUndefined();
    await letGo(system.traces, 'applying');
    await until(async () => (await processesBelow(system.root)).length === 0, { describe: 'the end of Terraform' });
    expect(await tracesOf(system.traces, 'applying')).toBe(1);
    expect(await appliesOf('applying')).toBe(1);
    expect(await read(id)).toEqual(remediation);
  });
});
