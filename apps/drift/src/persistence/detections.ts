import type {
  DetectedTarget,
  Detection,
  DetectionStatus,
  DriftCounts,
  FollowUp,
  StartRun,
  Target,
  VcsType,
} from '@terramesh/contracts';
import { RunId } from '@terramesh/contracts';
import type { Conclusion } from '../detections/conclude-detection.js';
import type { RefKey } from './records.js';
import type { Transaction } from './transaction.js';

export interface DetectionRow {
  readonly id: string;
  /** In the order of their beginning. */
  readonly number: string;
  readonly type: VcsType;
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly projects: StartRun['projects'];
  readonly paths: StartRun['paths'];
  readonly user_name: string;
  readonly schedule_id: string | null;
  readonly follow_up: FollowUp;
  readonly status: DetectionStatus;
  readonly run_id: string | null;
  readonly commit: string | null;
  readonly error: string | null;
  readonly started_at: Date;
  readonly completed_at: Date | null;
  readonly total_targets: number;
  readonly drifted_targets: number;
  readonly failed_targets: number;
  readonly request_hash: string;
}

export interface NewDetection {
  readonly id: string;
  readonly type: VcsType;
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly projects: StartRun['projects'];
  readonly paths: StartRun['paths'];
  readonly user: string;
  readonly scheduleId: string | null;
  readonly followUp: FollowUp;
  readonly idempotencyKey: string | null;
  readonly requestHash: string;
}

const keyLife = `interval '24 hours'`;

/** Undefined when its idempotency key is there already. */
export async function insertDetection(tx: Transaction, detection: NewDetection): Promise<DetectionRow | undefined> {
  const { type, hostname, repository, ref, user, scheduleId, followUp, idempotencyKey, requestHash } = detection;
  const lists = [detection.projects, detection.paths].map((list) => JSON.stringify(list));
  const [row] = await tx.query<DetectionRow[]>(
    `insert into detections (id, type, hostname, repository, ref, projects, paths, user_name, schedule_id, follow_up,
       idempotency_key, request_hash, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending') on conflict do nothing returning *`,
    [detection.id, type, hostname, repository, ref, ...lists, user, scheduleId, followUp, idempotencyKey, requestHash],
  );
  return row;
}

/** A key that is older than 24 hours is free again. */
export async function expireDetectionKey(tx: Transaction, key: string): Promise<void> {
  await tx.query(
    `update detections set idempotency_key = null where idempotency_key = $1 and started_at < now() - ${keyLife}`,
    [key],
  );
}

export async function findDetectionByKey(tx: Transaction, key: string): Promise<DetectionRow | undefined> {
  const [row] = await tx.query<DetectionRow[]>('select * from detections where idempotency_key = $1', [key]);
  return row;
}

export async function findDetection(tx: Transaction, id: string): Promise<DetectionRow | undefined> {
  const [row] = await tx.query<DetectionRow[]>('select * from detections where id = $1', [id]);
  return row;
}

/** Locked until `tx` ends. */
export async function lockDetectionOfRun(tx: Transaction, runId: string): Promise<DetectionRow | undefined> {
  const [row] = await tx.query<DetectionRow[]>('select * from detections where run_id = $1 for update', [runId]);
  return row;
}

/** Whether a detection of this ref has ever ended; forgotten with the detections that are forgotten. */
export async function isWatched(tx: Transaction, { hostname, repository, ref }: RefKey): Promise<boolean> {
  const [row] = await tx.query<{ watched: boolean }[]>(
    `select exists (select 1 from detections where lower(repository) = lower($1) and hostname = $2
       and completed_at is not null and regexp_replace(ref, '^refs/heads/', '') = $3) as watched`,
    [repository, hostname, ref],
  );
  return row?.watched === true;
}

/** Its run is started. Whether the run's results were recorded before anyone knew that they are the detection's. */
export async function linkRun(tx: Transaction, id: string, runId: string): Promise<'recorded' | 'open'> {
  await tx.query(
    `update detections set run_id = $2, status = 'running', looked_at = now() where id = $1 and status = 'pending'`,
    [id, runId],
  );
  const recorded = await tx.query<unknown[]>('select 1 from recorded_runs where run_id = $1', [runId]);
  return recorded.length > 0 ? 'recorded' : 'open';
}

/** Unfinished ones that nobody looked at for so long: from now on this caller does. */
export async function claimUnfinished(
  tx: Transaction,
  { limit, quietMs }: { limit: number; quietMs: number },
): Promise<DetectionRow[]> {
  const [rows] = await tx.query<[DetectionRow[], number]>(
    `update detections set looked_at = now() where id = any(array(
       select id from detections where completed_at is null and looked_at < now() - $2 * interval '1 millisecond'
       order by looked_at limit $1 for update skip locked
     )) returning *`,
    [limit, quietMs],
  );
  return rows;
}

/** Nothing happens when it is finished. */
export async function saveConclusion(tx: Transaction, id: string, conclusion: Conclusion): Promise<void> {
  const { status, commit, error, targets } = conclusion;
  const drifted = targets.filter(({ counts }) => counts?.hasDrift === true).length;
  const failed = targets.filter((target) => target.error !== null).length;
  const [, count] = await tx.query<[unknown[], number]>(
    `update detections set status = $2, commit = $3, error = $4, completed_at = now(), total_targets = $5,
       drifted_targets = $6, failed_targets = $7 where id = $1 and completed_at is null`,
    [id, status, commit, error, targets.length, drifted, failed],
  );
  if (count === 0 || targets.length === 0) return;
  await tx.query(
    `insert into detection_targets (detection_id, ordinal, target, counts, error, checked_at)
     select $1, ordinality, value->'target', nullif(value->'counts', 'null'), value->>'error',
       (value->>'checkedAt')::timestamptz
     from jsonb_array_elements($2::jsonb) with ordinality`,
    [id, JSON.stringify(targets)],
  );
}

/** Newest first; one more than `limit` when there are more. */
export function listDetections(
  tx: Transaction,
  page: { repository: string | null; status: DetectionStatus | null; before: number | null; limit: number },
): Promise<DetectionRow[]> {
  return tx.query<DetectionRow[]>(
    `select * from detections
     where ($1::text is null or lower(repository) = lower($1)) and ($2::text is null or status = $2)
       and ($3::bigint is null or number < $3)
     order by number desc limit $4`,
    [page.repository, page.status, page.before, page.limit + 1],
  );
}

/** One more than `limit` when there are more; each with its place in the list. */
export async function listDetectedTargets(
  tx: Transaction,
  { id, after, limit }: { id: string; after: number; limit: number },
): Promise<{ ordinal: number; found: DetectedTarget }[]> {
  const rows = await tx.query<
    { ordinal: number; target: Target; counts: DriftCounts | null; error: string | null; checked_at: Date }[]
  >(
    `select ordinal, target, counts, error, checked_at from detection_targets
     where detection_id = $1 and ordinal > $2 order by ordinal limit $3`,
    [id, after, limit + 1],
  );
  return rows.map(({ ordinal, target, counts, error, checked_at }) => {
    return { ordinal, found: { target, counts, error, checkedAt: checked_at.toISOString() } };
  });
}

export function detectionOf(row: DetectionRow): Detection {
  return {
    id: row.id,
    type: row.type,
    hostname: row.hostname,
    repository: row.repository,
    ref: row.ref,
    status: row.status,
    scope: row.projects.length + row.paths.length === 0 ? 'every_target' : 'selected',
    scheduleId: row.schedule_id,
    followUp: row.follow_up,
    user: row.user_name,
    runId: row.run_id === null ? null : RunId.parse(row.run_id),
    commit: row.commit,
    startedAt: row.started_at.toISOString(),
    completedAt: row.completed_at?.toISOString() ?? null,
    totalTargets: row.total_targets,
    driftedTargets: row.drifted_targets,
    failedTargets: row.failed_targets,
    error: row.error,
  };
}
