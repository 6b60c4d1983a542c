// SQL over runs.execution. A worker writes only through `changeOwned`, which refuses a stale epoch.
import { AppError, type ExecutionState } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import { canChange, isTerminal, terminalStates } from '../domain/execution-state.js';
import { entityOf, findRows } from './entity-of.js';
import { ExecutionEntity } from './execution.entity.js';
import { type Claim, type Claimable, leaseOf } from './run.repository.js';

/** The lease of this worker is gone: somebody else owns the execution now. Nothing more may be written. */
export class StaleLeaseError extends Error {
  override readonly name = 'StaleLeaseError';
  constructor(executionId: string, epoch: number) {
    super(`lease ${epoch} on ${executionId} is no longer valid`);
  }
}

export interface Lease {
  readonly executionId: string;
  readonly epoch: number;
}

export type NewExecution = Pick<
  ExecutionEntity,
  | 'id'
  | 'runId'
  | 'ordinal'
  | 'origin'
  | 'repositoryKey'
  | 'directory'
  | 'terraformWorkspace'
  | 'name'
  | 'executionOrderGroup'
  | 'dependsOn'
> & {
  /** Of its lock, when it is ours already. */
  readonly fence: number | null;
};

/**
 * Those that have their lock wait for their `firstTurn`; null: for nothing, they may be claimed, and the first `claim.count`
 * of them are claimed at once. Answers these.
 */
export async function insertExecutions(
  tx: EntityManager,
  executions: NewExecution[],
  how: { firstTurn: string | null; claim?: Claim & { count: number } },
): Promise<ExecutionEntity[]> {
  if (executions.length === 0) return [];
  const { firstTurn, claim } = how;
  let unclaimed = firstTurn === null ? (claim?.count ?? 0) : 0;
  const { raw } = await tx
    .createQueryBuilder()
    .insert()
    .into(ExecutionEntity)
    .values(
      executions.map(({ fence, ...one }) => ({
        ...one,
        ...(claim !== undefined && fence !== null && unclaimed-- > 0
          ? { state: 'leased' as const, leaseEpoch: 1, startedAt: () => 'now()', ...leaseOf(claim) }
          : { state: 'queued' as const, leaseEpoch: 0 }),
        waitingFor: fence === null ? 'its lock' : firstTurn,
        lockState: fence === null ? ('wanted' as const) : ('held' as const),
        lockFence: fence,
        lockInherited: false,
        losses: 0,
        queuedAt: () => 'now()',
      })),
    )
    .returning('*')
    .updateEntity(false)
    .execute();
  const rows = raw as Record<string, unknown>[];
  return rows.filter((row) => row.state === 'leased').map((row) => entityOf(tx, ExecutionEntity, row));
}

/** In the order of the request. */
export async function findExecutions(tx: EntityManager, runId: string): Promise<ExecutionEntity[]> {
  const sql = `select * from execution where run_id = $1 order by ordinal`;
  return findRows(tx, ExecutionEntity, { sql, values: [runId] });
}

/** The same, locked until the transaction ends. */
export async function findExecutionsLocked(tx: EntityManager, runId: string): Promise<ExecutionEntity[]> {
  return tx.find(ExecutionEntity, {
    where: { runId },
    order: { ordinal: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
}

export async function findExecution(tx: EntityManager, executionId: string): Promise<ExecutionEntity | undefined> {
  return (await tx.findOneBy(ExecutionEntity, { id: executionId })) ?? undefined;
}

export async function getExecution(tx: EntityManager, executionId: string): Promise<ExecutionEntity> {
  return tx.findOneByOrFail(ExecutionEntity, { id: executionId });
}

/**
 * Takes one execution that may run now. People's go before drift's, applies before plans; between plans the repository
 * with the fewest running executions goes first, so that one with 500 targets does not hold up one with a single target.
 * An apply waits for another one of the same state. One of drift whose target a person waits for counts as that person's.
 */
export async function claimExecution(
  tx: EntityManager,
  lease: Claim,
  what: Claimable = 'anything',
): Promise<ExecutionEntity | undefined> {
  const [[row]] = await tx.query<[Record<string, unknown>[], number]>(
    `with busy as (
       select repository_key, count(*) as running from execution where lease_owner is not null group by repository_key
     ), next as (
       select e.id from execution e left join busy using (repository_key)
         cross join lateral (
           select e.origin = 'drift' and not (e.repository_key, e.directory, e.terraform_workspace) in (
             select w.repository_key, w.directory, w.terraform_workspace from execution w
             where w.lock_state = 'wanted' and w.origin = 'user') as last
         ) of_drift
       where e.state in ('queued', 'apply_queued') and e.waiting_for is null and e.lease_owner is null
         and ($3 or not of_drift.last)
         and not (e.state = 'apply_queued' and exists (
           select 1 from execution a where a.state in ('apply_intent', 'applying')
             and a.repository_key = e.repository_key and a.directory = e.directory
             and a.terraform_workspace = e.terraform_workspace))
       order by of_drift.last, e.state, coalesce(busy.running, 0), e.queued_at, e.ordinal
       limit 1 for update of e skip locked
     )
     update execution set
       state = case when execution.state = 'queued' then 'leased' else execution.state end,
       started_at = coalesce(started_at, now()), lease_epoch = lease_epoch + 1, lease_owner = $1,
       lease_expires_at = now() + make_interval(secs => $2)
     from next where execution.id = next.id
     returning execution.*`,
    [lease.owner, lease.seconds, what === 'anything'],
  );
  return row && entityOf(tx, ExecutionEntity, row);
}

/** Renews the leases this worker holds; answers those still held. */
export async function renewLeases(
  tx: EntityManager,
  lease: { owner: string; seconds: number; held: Lease[] },
): Promise<{ id: string; cancelRequested: boolean }[]> {
  const [rows] = await tx.query<[{ id: string; cancelRequested: boolean }[], number]>(
    `update execution set lease_expires_at = now() + make_interval(secs => $2)
     from unnest($3::text[], $4::int[]) as held (id, epoch)
     where execution.id = held.id and lease_epoch = held.epoch and lease_owner = $1
     returning execution.id, cancel_requested_at is not null as "cancelRequested"`,
    [lease.owner, lease.seconds, lease.held.map((one) => one.executionId), lease.held.map((one) => one.epoch)],
  );
  return rows;
}

/** Row-locks an execution and checks that the lease is still the worker's. Throws StaleLeaseError. */
async function getOwnedLocked(tx: EntityManager, lease: Lease): Promise<ExecutionEntity> {
  const [row] = await findRows(tx, ExecutionEntity, {
    sql: `select * from execution where id = $1 and lease_epoch = $2 for update`,
    values: [lease.executionId, lease.epoch],
  });
  if (row === undefined || row.leaseOwner === null) throw new StaleLeaseError(lease.executionId, lease.epoch);
  return row;
}

export type ExecutionChange = Partial<
  Pick<ExecutionEntity, 'waitingFor' | 'lockState' | 'lockFence' | 'bundleId' | 'plan' | 'problem'>
> & { state: ExecutionState };

/**
 * Check of the transition → save. A change to a terminal or queued state gives up the lease, and a terminal one says what
 * is to become of the lock. Throws UNAVAILABLE when the row was claimed or changed since it was read: decide again.
 */
export async function applyChange(tx: EntityManager, row: ExecutionEntity, change: ExecutionChange): Promise<void> {
  if (change.state !== row.state && !canChange(row.state, change.state))
    throw new AppError('INTERNAL', `execution ${row.id} cannot go from ${row.state} to ${change.state}`);
  const ended = isTerminal(change.state);
  const leaves = ended || change.state === 'queued' || change.state === 'apply_queued';
  const { affected } = await tx
    .createQueryBuilder()
    .update(ExecutionEntity)
    .set({
      ...change,
      ...(leaves ? { leaseOwner: null, leaseExpiresAt: null } : {}),
      ...(ended ? { lockState: lockAfter(row, change.state), waitingFor: null, finishedAt: () => 'now()' } : {}),
    })
    .where('id = :id and state = :was and lease_epoch = :epoch', { id: row.id, was: row.state, epoch: row.leaseEpoch })
    .execute();
  if (affected !== 1) throw new AppError('UNAVAILABLE', `execution ${row.id} changed meanwhile: try again`);
}

/** An unknown outcome keeps its lock, guarded; so does a plan that took it over from one and did not succeed. */
function lockAfter(row: ExecutionEntity, state: ExecutionState): ExecutionEntity['lockState'] {
  if (row.lockState !== 'held' && row.lockState !== 'wanted') return row.lockState;
  const resolved = state === 'planned' || state === 'no_changes';
  return state === 'outcome_unknown' || (row.lockInherited && !resolved) ? 'guarding' : 'releasing';
}

/** A worker's write. Throws StaleLeaseError. */
export async function changeOwned(tx: EntityManager, lease: Lease, change: ExecutionChange): Promise<ExecutionEntity> {
  const row = await getOwnedLocked(tx, lease);
  await applyChange(tx, row, change);
  return row;
}

/** Row-locks executions whose lease ran out, or all that `owner` (just started anew) held before. */
export async function findLostLocked(tx: EntityManager, lost: { owner: string | null }): Promise<ExecutionEntity[]> {
  const query = tx
    .createQueryBuilder(ExecutionEntity, 'execution')
    .setLock('pessimistic_write')
    .setOnLocked('skip_locked')
    .orderBy('execution.queuedAt')
    .limit(200);
  if (lost.owner === null) query.where('execution.lease_owner is not null and execution.lease_expires_at < now()');
  else query.where('execution.lease_owner = :owner', lost);
  return query.getMany();
}

/** Takes a row from its lost worker. Every later write of that worker is stale: without an owner no epoch is valid. */
export async function takeFromLostWorker(
  tx: EntityManager,
  row: ExecutionEntity,
  change: Partial<Pick<ExecutionEntity, 'state' | 'waitingFor' | 'losses' | 'problem'>>,
): Promise<void> {
  const ended = change.state !== undefined && isTerminal(change.state);
  await tx
    .createQueryBuilder()
    .update(ExecutionEntity)
    .set({
      ...change,
      leaseOwner: null,
      leaseExpiresAt: null,
      ...(ended && change.state !== undefined
        ? { lockState: lockAfter(row, change.state), waitingFor: null, finishedAt: () => 'now()' }
        : {}),
    })
    .where('id = :id', { id: row.id })
    .execute();
}

/** A restarted worker goes on with a live Terraform of its own under a new epoch; undefined when it was judged meanwhile. */
export async function adopt(
  tx: EntityManager,
  row: ExecutionEntity,
  lease: { owner: string; seconds: number },
): Promise<Lease | undefined> {
  const [rows] = await tx.query<[{ epoch: number }[], number]>(
    `update execution set lease_epoch = lease_epoch + 1, lease_expires_at = now() + make_interval(secs => $4)
     where id = $1 and lease_epoch = $2 and lease_owner = $3 returning lease_epoch as epoch`,
    [row.id, row.leaseEpoch, lease.owner, lease.seconds],
  );
  const [adopted] = rows;
  return adopted === undefined ? undefined : { executionId: row.id, epoch: adopted.epoch };
}

/** Row-locks the live executions of a run and asks their workers to stop. */
export async function markCancelRequested(tx: EntityManager, runId: string): Promise<void> {
  await tx.query(
    `update execution set cancel_requested_at = coalesce(cancel_requested_at, now())
     where run_id = $1 and state <> all ($2)`,
    [runId, terminalStates],
  );
}

export async function markExecutionCancelRequested(tx: EntityManager, executionId: string): Promise<void> {
  await tx.query(`update execution set cancel_requested_at = coalesce(cancel_requested_at, now()) where id = $1`, [
    executionId,
  ]);
}
