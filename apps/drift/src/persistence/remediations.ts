// SQL over remediations. Every function takes the transaction (or a plain manager, for single statements) first.
import { AppError, Remediation, type RemediationStatus, type StartRun } from '@terramesh/contracts';
import type { Transaction } from './transaction.js';

export interface NewRemediation {
  readonly id: string;
  readonly origin: 'user' | 'automatic';
  readonly detectionId: string | null;
  readonly type: string;
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly action: 'plan' | 'apply';
  readonly idempotencyKey: string | null;
  readonly requestHash: string | null;
  /** Null: there is nothing to run. */
  readonly runRequest: RunRequest | null;
}

/** What `runs.start` is sent, the same at every attempt. */
export type RunRequest = StartRun;

/** What the worker needs to know. */
export interface LiveRemediation {
  readonly id: string;
  readonly origin: 'user' | 'automatic';
  readonly action: 'plan' | 'apply';
  readonly status: RemediationStatus;
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly runId: string | null;
  readonly runRequest: RunRequest | null;
  /** When `runs.start` was first sent. */
  readonly attemptedAt: Date | null;
  readonly startedAt: Date;
}

const liveColumns = `id, origin, action, status, hostname, repository, ref, run_id as "runId",
  run_request as "runRequest", attempted_at as "attemptedAt", started_at as "startedAt"`;

/** False when its idempotency key, or a remediation of its detection, is there already. */
export async function insertRemediation(tx: Transaction, row: NewRemediation): Promise<boolean> {
  const inserted = await tx.query<unknown[]>(
    `insert into remediations
       (id, origin, detection_id, type, hostname, repository, ref, action, status, idempotency_key, request_hash, run_request)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, $11) on conflict do nothing returning id`,
    [
      row.id,
      row.origin,
      row.detectionId,
      row.type,
      row.hostname,
      row.repository,
      row.ref,
      row.action,
      row.idempotencyKey,
      row.requestHash,
      row.runRequest === null ? null : JSON.stringify(row.runRequest),
    ],
  );
  return inserted.length === 1;
}

/** The run that a pending remediation is to start, once its targets are known. */
export async function setRunRequest(tx: Transaction, id: string, runRequest: RunRequest): Promise<void> {
  await tx.query(`update remediations set run_request = $2 where id = $1`, [id, JSON.stringify(runRequest)]);
}

/** Frees a key that was used more than 24 h ago. */
export async function expireKey(tx: Transaction, key: string): Promise<void> {
  await tx.query(
    `update remediations set idempotency_key = null
     where idempotency_key = $1 and started_at < now() - interval '24 hours'`,
    [key],
  );
}

export async function findByKey(
  tx: Transaction,
  key: string,
): Promise<{ id: string; requestHash: string } | undefined> {
  const [row] = await tx.query<{ id: string; requestHash: string }[]>(
    `select id, request_hash as "requestHash" from remediations where idempotency_key = $1`,
    [key],
  );
  return row;
}

/** Those that are due for a look, at most `limit`; each is looked at by one replica until `leaseMs` have passed. */
export async function claimLooks(manager: Transaction, limit: number, leaseMs: number): Promise<string[]> {
  const [rows] = await manager.query<[{ id: string }[], number]>(
    `update remediations set next_look_at = now() + $2 * interval '1 millisecond'
     where id in (select id from remediations where status in ('pending', 'running') and next_look_at <= now()
                  order by next_look_at limit $1 for update skip locked)
     returning id`,
    [limit, leaseMs],
  );
  return rows.map(({ id }) => id);
}

/** The next look comes no sooner than in `ms`. */
export async function postponeLook(manager: Transaction, id: string, ms: number): Promise<void> {
  await manager.query(
    `update remediations set next_look_at = greatest(next_look_at, now() + $2 * interval '1 millisecond') where id = $1`,
    [id, ms],
  );
}

/** True when a remediation waits for the end of this run: it is due now. */
export async function hurryRun(manager: Transaction, runId: string): Promise<boolean> {
  const [, count] = await manager.query<[unknown[], number]>(
    `update remediations set next_look_at = now() where run_id = $1 and status = 'running'`,
    [runId],
  );
  return count > 0;
}

export async function findLive(manager: Transaction, id: string): Promise<LiveRemediation | undefined> {
  const [row] = await manager.query<LiveRemediation[]>(`select ${liveColumns} from remediations where id = $1`, [id]);
  return row;
}

/** Locked until the transaction ends; undefined when it is not in one of these states. */
export async function lockLive(
  tx: Transaction,
  id: string,
  statuses: readonly RemediationStatus[],
): Promise<LiveRemediation | undefined> {
  const [row] = await tx.query<LiveRemediation[]>(
    `select ${liveColumns} from remediations where id = $1 and status = any($2) for update`,
    [id, statuses],
  );
  return row;
}

export async function noteAttempt(tx: Transaction, id: string): Promise<void> {
  await tx.query(`update remediations set attempted_at = coalesce(attempted_at, now()) where id = $1`, [id]);
}

/** Nothing happens unless it is pending. */
export async function noteRun(manager: Transaction, id: string, runId: string): Promise<void> {
  await manager.query(
    `with begun as (
       update remediations set status = 'running', run_id = $2, next_look_at = now()
       where id = $1 and status = 'pending' returning id)
     update remediation_targets set status = 'running' from begun
     where remediation_id = begun.id and remediation_targets.status = 'pending'`,
    [id, runId],
  );
}

/** The end of a live remediation; its targets may be had by others again. */
export async function closeRemediation(
  tx: Transaction,
  id: string,
  end: { status: 'success' | 'partial' | 'failed'; error: string | null },
): Promise<void> {
  await tx.query(`update remediations set status = $2, error = $3, completed_at = now() where id = $1`, [
    id,
    end.status,
    end.error,
  ]);
  await tx.query(`delete from remediation_claims where remediation_id = $1`, [id]);
}

/** Whether the last one before it that a schedule made for the same ref and action came to the same, target by target. */
export async function endedLikeTheLast(tx: Transaction, id: string): Promise<boolean> {
  const ending = `(select json_agg(json_build_array(directory, terraform_workspace, name, t.status, drift_before->'summary')
    order by directory, terraform_workspace, name)::text from remediation_targets t where remediation_id =`;
  const [row] = await tx.query<{ alike: boolean }[]>(
    `select r.status = last.status and r.error is not distinct from last.error
       and ${ending} r.id) is not distinct from ${ending} last.id) as alike
     from remediations r cross join lateral (
       select id, status, error from remediations
       where lower(repository) = lower(r.repository) and hostname = r.hostname and ref = r.ref and action = r.action
         and origin = 'automatic' and number < r.number and completed_at is not null
       order by number desc limit 1
     ) as last where r.id = $1`,
    [id],
  );
  return row?.alike === true;
}

interface RemediationRow extends Record<string, unknown> {
  readonly startedAt: Date;
  readonly completedAt: Date | null;
}

const selectRemediations = `
  select r.id, r.type, r.hostname, r.repository, r.ref, r.action, r.status, r.origin, r.detection_id as "detectionId",
    r.run_id as "runId", r.started_at as "startedAt", r.completed_at as "completedAt", r.error,
    counts.total as "totalTargets", counts.succeeded as "successCount", counts.failed as "failureCount"
  from remediations r, lateral (
    select count(*)::int as total, count(*) filter (where status = 'success')::int as succeeded,
      count(*) filter (where status = 'failed')::int as failed
    from remediation_targets where remediation_id = r.id) as counts`;

/** Throws NOT_FOUND. */
export async function getRemediation(manager: Transaction, id: string): Promise<Remediation> {
  const [row] = await manager.query<RemediationRow[]>(`${selectRemediations} where r.id = $1`, [id]);
  if (row === undefined) throw new AppError('NOT_FOUND', `remediation ${id} does not exist`);
  return remediationOf(row);
}

/** Newest first. */
export async function listRemediations(
  manager: Transaction,
  list: { repository: string | null; limit: number },
): Promise<Remediation[]> {
  const rows = await manager.query<RemediationRow[]>(
    `${selectRemediations} where $1::text is null or lower(r.repository) = lower($1) order by r.number desc limit $2`,
    [list.repository, list.limit],
  );
  return rows.map(remediationOf);
}

/** Of finished ones; answers how many. */
export async function deleteOldRemediations(manager: Transaction, days: number, limit: number): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `delete from remediations where id in (
       select id from remediations where completed_at < now() - make_interval(days => $1) limit $2)`,
    [days, limit],
  );
  return count;
}

/** Of finished ones that nobody asked for by hand: all but the newest of each ref. Answers how many. */
export async function deleteSurplusRemediations(
  manager: Transaction,
  keptOfRef: number,
  limit: number,
): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `delete from remediations where id in (
       select id from (
         select id, row_number() over (partition by hostname, lower(repository), ref order by number desc) as place
         from remediations where origin = 'automatic' and completed_at is not null
       ) as of_ref where place > $1 limit $2)`,
    [keptOfRef, limit],
  );
  return count;
}

function remediationOf({ startedAt, completedAt, ...row }: RemediationRow): Remediation {
  return Remediation.parse({
    ...row,
    startedAt: startedAt.toISOString(),
    completedAt: completedAt?.toISOString() ?? null,
  });
}
