// Tells replicas of the real service of finished runs, and reads what they made of them.
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { DriftMessage, DriftRecord } from '@terramesh/contracts';
import { StartDetection } from '../src/detections/start-detection.js';
import { ReadRecords } from '../src/records/read-records.js';
import { RecordRun } from '../src/records/record-run.js';
import { type DriftReplicas, type Replica, startDriftReplicas } from './drift-replicas.js';
import { changed, finishedRun, type RunFacts } from './finished-runs.js';

export const running = new AbortController().signal;
export const everything = {
  hostname: null,
  repository: null,
  ref: null,
  status: null,
  project: null,
  workspace: null,
} as const;

/** The same target without drift and with it. */
export const same = { directory: 'a' };
export const drifted = { directory: 'a', drift: [changed('aws_vpc.a', 'tags')] };

let drift: DriftReplicas;
let replicas: readonly Replica[];

/** For all tests of the file: two replicas, on tables that are empty when a test begins, and branches that are watched. */
export function useReplicas(): void {
  beforeAll(async () => {
    drift = await startDriftReplicas({ TERRAMESH_DRIFT_BREAKER_TARGETS: '100' });
    replicas = [await drift.add(), await drift.add()];
  });
  afterAll(() => drift?.stop());
  beforeEach(async () => {
    drift.around.finished.clear();
    drift.around.starts.length = 0;
    await drift.sql('truncate records, recorded_runs, detections, ignore_rules, failing_refs, messages cascade');
    await watch('main');
    await drift.sql(`update breaker set state = 'closed'`);
    await drift.sql(`update sweeps set begun_at = '-infinity', swept_until = '2026-01-01'`);
  });
}

export const around = () => drift.around;
export const sql = <Row>(text: string, parameters?: unknown[]) => drift.sql<Row>(text, parameters);

const replica = (index: number): Replica => ({
  get: (token) => {
    const found = replicas[index];
    if (found === undefined) throw new Error(`there is no replica ${index}`);
    return found.get(token);
  },
});
export const one = replica(0);
export const two = replica(1);

/** Somebody had this ref looked at, some time ago. */
async function watch(ref: string): Promise<void> {
  await drift.sql(
    `insert into detections (type, hostname, repository, ref, projects, paths, user_name, follow_up, status, request_hash,
       started_at, completed_at)
     values ('Github', 'github.com', 'acme/infra', $1, '[]', '[]', '', 'nothing', 'success', 'x', '2026-01-01', '2026-01-01')`,
    [ref],
  );
}

/** A run that is over, and that nobody was told of. */
export function finish(facts: RunFacts): string {
  const finished = finishedRun(facts);
  drift.around.finished.set(finished.run.id, finished);
  return finished.run.id;
}

export async function record(facts: RunFacts): Promise<string> {
  const id = finish(facts);
  await one.get(RecordRun).record(id);
  return id;
}

export async function list(more: { gone?: 'with' | 'without' } = {}): Promise<DriftRecord[]> {
  const page = { gone: 'without' as const, after: null, limit: 500, ...more };
  return (await one.get(ReadRecords).list({ ...everything, ...page })).records;
}

export async function only(): Promise<DriftRecord> {
  const [found, ...more] = await list();
  if (found === undefined || more.length > 0) throw new Error('there is not one record');
  return found;
}

/** Oldest first. */
export async function historyOf({ id }: DriftRecord): Promise<string[]> {
  const { events } = await one.get(ReadRecords).history({ id, after: null, limit: 100 });
  return events.map(({ kind }) => kind).reverse();
}

export async function told(): Promise<DriftMessage[]> {
  const rows = await sql<{ message: DriftMessage }>('select message from messages order by at, event_id');
  return rows.map(({ message }) => message);
}

export const toldKinds = async () => (await told()).map(({ kind }) => kind);

export function detect(
  idempotencyKey: string | null = null,
  paths: { directory: string; workspace: string }[] = [],
  ref = 'refs/heads/main',
) {
  return one.get(StartDetection).start({
    type: 'Github',
    repository: 'acme/infra',
    ref,
    projects: [],
    paths,
    user: '',
    idempotencyKey,
    scheduleId: null,
    followUp: 'nothing',
  });
}
