// drift and runs are killed with SIGKILL at every stage of a detection: it ends truthful, and each thing is told once.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { AtlantisDetection } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { closeGate, type GateName, type GatePoint } from './src/gates.js';
import { explained, type Processes, startProcesses } from './src/processes.js';
import { tracing } from './src/traces.js';

const names = ['accepted', 'linked', 'planning', 'recording', 'worker'] as const;
type Name = (typeof names)[number];

let system: Processes;

const scenario = (name: string, work: () => Promise<void>) =>
  test(
    name,
    explained(() => system, work),
  );

beforeAll(async () => {
  system = await startProcesses({
    driftReplicas: 2,
    settings: { TERRAMESH_DRIFT_DETECTION: 'true', TERRAMESH_DRIFT_BREAKER_TARGETS: '1000' },
    files: (traces) => Object.fromEntries(names.map((name) => [`${name}/main.tf`, tracing(traces, name, 'pass')])),
  });
});
afterAll(() => system?.stop());
afterEach(() => startAll());

const startAll = async () => {
  await Promise.all([...system.drift, ...system.replicas].map((one) => one.start()));
};

const detect = (name: Name, key: string) =>
  system.client.http('POST', '/api/drift/detect', {
    body: { repository: 'acme/infra', ref: 'main', type: 'Github', paths: [{ directory: name }] },
    headers: { 'Idempotency-Key': key },
  });

/** Everybody who could go on is killed while somebody stands at the gate; then all come back. */
async function killAt(name: Name, point: GatePoint, gateName: GateName, whom: 'drift' | 'runs'): Promise<void> {
  const key = randomUUID();
  const gate = await closeGate(system.databaseUrl, point, gateName);
  const first = detect(name, key).catch(() => undefined);
  await gate.reached();
  await Promise.all((whom === 'drift' ? system.drift : system.replicas).map((one) => one.kill()));
  await gate.open();
  await startAll();
  await first;
  await expectFoundOnce(name, key);
}

/** The caller who asks again is answered by the same detection, whatever became of the first answer. */
async function expectFoundOnce(name: Name, key: string): Promise<void> {
  const again = await until(
    async () => {
      const answer = await detect(name, key);
      return answer.status === 503 || answer.status === 504 ? undefined : answer;
    },
    { timeoutMs: 60_000, describe: `the answer for ${name}` },
  );
  expect(again.status).toBe(200);
  const detection = again.json<AtlantisDetection>();
  expect(detection).toMatchObject({
    status: 'success',
    projects_with_drift: 1,
    projects: [{ path: name, has_drift: true }],
  });
  const { sql } = system.client;
  const rows = (text: string) => sql.call(system.client, text, [name]);
  expect(await rows(`select id from drift.detections where paths->0->>'directory' = $1`)).toEqual([
    { id: detection.id },
  ]);
  expect(await rows(`select 1 from runs.run where paths->0->>'directory' = $1`)).toHaveLength(1);
  const history = `select kind from drift.record_events join drift.records on records.id = record_id where directory = $1`;
  expect(await rows(history)).toEqual([{ kind: 'found' }]);
  const told = `select 1 from drift.messages where message->'targets'->0->'target'->>'directory' = $1`;
  expect(await rows(told)).toHaveLength(1);
  const status = await system.client.http('GET', '/api/drift/status?repository=acme/infra');
  expect(status.json<{ Projects: { Path: string }[] }>().Projects.filter(({ Path }) => Path === name)).toHaveLength(1);
}

scenario('drift, before it knows its run', () => killAt('accepted', 'write', 'detections:running', 'drift'));
scenario('drift, when it has learned of its run', () => killAt('linked', 'commit', 'detections:running', 'drift'));
scenario('drift, while the run plans', () => killAt('planning', 'write', 'execution:planned', 'drift'));
scenario('drift, in the middle of recording what was found', () =>
  killAt('recording', 'commit', 'detections:success', 'drift'),
);
scenario('runs, while the run plans', () => killAt('worker', 'write', 'execution:planned', 'runs'));
