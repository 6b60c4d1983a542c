// SQL over runs.run. Every function takes the transaction (or a plain manager, for reads) as its first argument.
import { AppError, type Misfit, type RunId, type RunOutcome, type RunStatus } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import { entityOf, findRows } from './entity-of.js';
import { ExecutionEntity } from './execution.entity.js';
import { RunEntity } from './run.entity.js';

/** `user`: nothing of drift. */
export type Claimable = 'anything' | 'user';

export type NewRun = Pick<
  RunEntity,
  | 'id'
  | 'kind'
  | 'type'
  | 'hostname'
  | 'repository'
  | 'cloneUrl'
  | 'ref'
  | 'pull'
  | 'projects'
  | 'paths'
  | 'everyTarget'
  | 'origin'
  | 'expectedCommit'
  | 'limits'
  | 'misfits'
  | 'userName'
  | 'idempotencyKey'
  | 'requestHash'
>;

export interface Claim {
  readonly owner: string;
  /** How long the lease lasts without a renewal. */
  readonly seconds: number;
}

/** Inserts a run, claimed at once if `claim` says by whom; undefined when its idempotency key is taken. */
export async function insertRun(tx: EntityManager, run: NewRun, claim?: Claim): Promise<RunEntity | undefined> {
  const status =
    claim === undefined
      ? { status: 'received' as const, leaseEpoch: 0 }
      : { status: 'resolving' as const, leaseEpoch: 1, startedAt: () => 'now()', ...leaseOf(claim) };
  const { raw } = await tx
    .createQueryBuilder()
    .insert()
    .into(RunEntity)
    .values({ ...run, ...status, createdAt: () => 'now()', losses: 0 })
    .orIgnore()
    .returning('*')
    .updateEntity(false)
    .execute();
  const [row] = raw as Record<string, unknown>[];
  return row && entityOf(tx, RunEntity, row);
}

/** Columns of a row that is inserted as claimed. */
export function leaseOf({ owner, seconds }: Claim): { leaseOwner: string; leaseExpiresAt: () => string } {
  return { leaseOwner: owner, leaseExpiresAt: () => `now() + make_interval(secs => ${Number(seconds)})` };
}

/** Frees a key that was used more than 24 h ago. */
export async function expireIdempotencyKey(tx: EntityManager, key: string): Promise<void> {
  await tx.query(
    `update run set idempotency_key = null where idempotency_key = $1 and created_at < now() - interval '24 hours'`,
    [key],
  );
}

export async function findRunByIdempotencyKey(tx: EntityManager, key: string): Promise<RunEntity | undefined> {
  return (await tx.findOneBy(RunEntity, { idempotencyKey: key })) ?? undefined;
}

/** Throws NOT_FOUND. */
export async function getRun(tx: EntityManager, runId: string): Promise<RunEntity> {
  const [run] = await findRows(tx, RunEntity, { sql: `select * from run where id = $1`, values: [runId] });
  if (run === undefined) throw new AppError('NOT_FOUND', `run ${runId} does not exist`);
  return run;
}

/** A run and its executions in the order of the request, as they are at one moment. Throws NOT_FOUND. */
export async function getRunWithExecutions(
  tx: EntityManager,
  runId: string,
): Promise<{ run: RunEntity; executions: ExecutionEntity[] }> {
  const [row] = await tx.query<Record<string, unknown>[]>(
    `select run.*, (select json_agg(execution order by ordinal) from execution where run_id = run.id) as executions
     from run where id = $1`,
    [runId],
  );
  if (row === undefined) throw new AppError('NOT_FOUND', `run ${runId} does not exist`);
  const executions = (row.executions ?? []) as Record<string, unknown>[];
  return {
    run: entityOf(tx, RunEntity, row),
    executions: executions.map((execution) => entityOf(tx, ExecutionEntity, execution)),
  };
}

/** The same, locked until the transaction ends. */
export async function getRunLocked(tx: EntityManager, runId: string): Promise<RunEntity> {
  const [run] = await findRows(tx, RunEntity, { sql: `select * from run where id = $1 for update`, values: [runId] });
  if (run === undefined) throw new AppError('NOT_FOUND', `run ${runId} does not exist`);
  return run;
}

export interface ListRuns {
  repository: string | null;
  status: RunStatus | null;
  after: { createdAt: Date; id: string } | null;
  limit: number;
}

/** Newest first. */
export async function listRuns(tx: EntityManager, list: ListRuns): Promise<RunEntity[]> {
  const query = tx.createQueryBuilder(RunEntity, 'run').orderBy('run.createdAt', 'DESC').addOrderBy('run.id', 'DESC');
  if (list.repository !== null) query.andWhere('run.repository = :repository', { repository: list.repository });
  if (list.status !== null) query.andWhere('run.status = :status', { status: list.status });
  if (list.after !== null)
    query.andWhere(`(date_trunc('milliseconds', run.created_at), run.id) < (:createdAt, :id)`, list.after);
  return query.limit(list.limit).getMany();
}

export async function countUnfinished(tx: EntityManager): Promise<number> {
  const [row] = await tx.query<{ count: string }[]>(`select count(*) from run where status <> 'finished'`);
  return Number(row?.count ?? 0);
}

/** Finished runs without a pull request, the one that finished first first. */
export async function listFinishedRuns(
  tx: EntityManager,
  list: { since: Date; after: { finishedAt: Date; id: string } | null; limit: number },
): Promise<RunEntity[]> {
  const query = tx
    .createQueryBuilder(RunEntity, 'run')
    .where(`run.status = 'finished' and run.pull is null and run.finished_at >= :since`, { since: list.since })
    .orderBy('run.finishedAt')
    .addOrderBy('run.id');
  if (list.after !== null) query.andWhere('(run.finished_at, run.id) > (:finishedAt, :id)', list.after);
  return query.limit(list.limit).getMany();
}

/** Takes the oldest run that waits to be resolved, or whose resolver is gone; people's before drift's. */
export async function claimRun(
  tx: EntityManager,
  lease: Claim,
  what: Claimable = 'anything',
): Promise<RunEntity | undefined> {
  const [[row]] = await tx.query<[Record<string, unknown>[], number]>(
    `update run set status = 'resolving', started_at = coalesce(started_at, now()), lease_epoch = lease_epoch + 1,
       lease_owner = $1, lease_expires_at = now() + make_interval(secs => $2)
     where id = (select id from run where status = 'received' and ($3 or origin = 'user')
       order by origin = 'drift', created_at limit 1 for update skip locked)
     returning *`,
    [lease.owner, lease.seconds, what === 'anything'],
  );
  return row && entityOf(tx, RunEntity, row);
}

/** Renews leases on runs that are being resolved; answers those still held. */
export async function renewRunLeases(
  tx: EntityManager,
  lease: { owner: string; seconds: number; held: { id: string; epoch: number }[] },
): Promise<{ id: string; cancelRequested: boolean }[]> {
  const [rows] = await tx.query<[{ id: string; cancelRequested: boolean }[], number]>(
    `update run set lease_expires_at = now() + make_interval(secs => $2)
     from unnest($3::text[], $4::int[]) as held (id, epoch)
     where run.id = held.id and lease_epoch = held.epoch and lease_owner = $1 and status = 'resolving'
     returning run.id, cancel_requested_at is not null as "cancelRequested"`,
    [lease.owner, lease.seconds, lease.held.map((one) => one.id), lease.held.map((one) => one.epoch)],
  );
  return rows;
}

/** Puts runs back whose resolver is gone: leases that ran out, or all of `owner` (which has just started anew). */
export async function requeueLostRuns(
  tx: EntityManager,
  lost: { owner: string | null },
): Promise<{ id: string; losses: number }[]> {
  const [rows] = await tx.query<[{ id: string; losses: number }[], number]>(
    `update run set status = 'received', lease_epoch = lease_epoch + 1, lease_owner = null, lease_expires_at = null,
       losses = losses + 1
     where status = 'resolving' and ($1::text is null and lease_expires_at < now() or lease_owner = $1)
     returning id, losses`,
    [lost.owner],
  );
  return rows;
}

export async function finishRun(
  tx: EntityManager,
  finished: { runId: string; outcome: RunOutcome; error: { code: string; message: string } | null },
): Promise<void> {
  await tx.query(
    `update run set status = 'finished', outcome = $2, error_code = $3, error_message = $4,
       finished_at = date_trunc('milliseconds', now()),
       started_at = coalesce(started_at, now()), lease_owner = null, lease_expires_at = null
     where id = $1 and status <> 'finished'`,
    [finished.runId, finished.outcome, finished.error?.code ?? null, finished.error?.message ?? null],
  );
}

export async function startRunning(
  tx: EntityManager,
  run: { runId: RunId | string; commit: string; leftOut: readonly Misfit[] },
): Promise<RunEntity> {
  const [[row]] = await tx.query<[Record<string, unknown>[], number]>(
    `update run set status = 'running', commit = $2, left_out = $3, lease_owner = null, lease_expires_at = null
     where id = $1 returning *`,
    [run.runId, run.commit, JSON.stringify(run.leftOut)],
  );
  if (row === undefined) throw new AppError('NOT_FOUND', `run ${run.runId} does not exist`);
  return entityOf(tx, RunEntity, row);
}

export async function requestCancel(tx: EntityManager, runId: string): Promise<void> {
  await tx.query(`update run set cancel_requested_at = coalesce(cancel_requested_at, now()) where id = $1`, [runId]);
}

/** How many runs one deletion takes at most. */
export const deletedAtOnce = 500;

/** Deletes finished runs that are older (`detections`: plans of drift among them), with all that belongs to them, unless a lock is kept for a person. */
export async function deleteOldRuns(
  tx: EntityManager,
  olderThanDays: number,
  what: 'any' | 'detections' = 'any',
): Promise<number> {
  const [, count] = await tx.query<[unknown, number]>(
    `delete from run where id in (
       select id from run where status = 'finished' and finished_at < now() - make_interval(days => $1)
         and ($2 or origin = 'drift' and kind = 'plan')
         and not exists (select 1 from execution where run_id = run.id and lock_state not in ('none'))
       limit ${deletedAtOnce})`,
    [olderThanDays, what === 'any'],
  );
  return count;
}

/** A run that could not be resolved through no fault of its own waits for the next resolver. */
export async function giveBackRun(tx: EntityManager, runId: string): Promise<void> {
  await tx.query(
    `update run set status = 'received', lease_owner = null, lease_expires_at = null where id = $1 and status = 'resolving'`,
    [runId],
  );
}
