// SQL for the lock clerk: which executions have something to settle with apps/locks.
import type { EntityManager } from 'typeorm';
import type { LockState } from './execution.entity.js';

/** Runs with executions in this lock state, the longest waiting first. */
export async function findRunsWithLockState(tx: EntityManager, state: LockState, limit: number): Promise<string[]> {
  const rows = await tx.query<{ runId: string }[]>(
    `select run_id as "runId" from execution where lock_state = $1 group by run_id order by min(queued_at) limit $2`,
    [state, limit],
  );
  return rows.map((row) => row.runId);
}

/** Running runs of which nothing runs or may be claimed: somebody died before deciding what comes next. */
export async function findStalledRuns(tx: EntityManager, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    `select id from run where status = 'running' and not exists (
       select 1 from execution e where e.run_id = run.id
         and (e.lease_owner is not null or e.waiting_for is null and e.state in ('queued', 'apply_queued')))
     order by created_at limit $1`,
    [limit],
  );
  return rows.map((row) => row.id);
}

/**
 * These locks are ours: remember their fences. Answers the executions that need theirs no longer: they are over and have
 * given it back, or are about to. One whose lock another replica has put on record meanwhile is not among them.
 */
export async function recordGranted(
  tx: EntityManager,
  granted: { fences: ReadonlyMap<string, number>; waitingFor: string | null },
): Promise<string[]> {
  const ids = [...granted.fences.keys()];
  if (ids.length === 0) return [];
  await tx.query(
    `update execution set lock_state = 'held', lock_fence = granted.fence, waiting_for = $3, queued_at = now()
     from unnest($1::text[], $2::int[]) as granted (id, fence)
     where execution.id = granted.id and lock_state = 'wanted' and state = 'queued'`,
    [ids, [...granted.fences.values()], granted.waitingFor],
  );
  const unneeded = await tx.query<{ id: string }[]>(
    `select granted.id from unnest($1::text[]) as granted (id) left join execution using (id)
     where execution.id is null or lock_state in ('releasing', 'none')`,
    [ids],
  );
  return unneeded.map((row) => row.id);
}

export async function recordWaiting(tx: EntityManager, executionId: string, waitingFor: string): Promise<void> {
  await tx.query(
    `update execution set waiting_for = $2 where id = $1 and lock_state = 'wanted' and waiting_for is distinct from $2`,
    [executionId, waitingFor],
  );
}

/** Notes, before it happens, that the lock will be taken over from an apply without a known outcome. */
export async function recordInheritance(tx: EntityManager, executionId: string): Promise<void> {
  await tx.query(`update execution set lock_inherited = true where id = $1 and lock_state = 'wanted'`, [executionId]);
}

export async function recordLockState(
  tx: EntityManager,
  change: { executionIds: string[]; from: LockState; to: LockState },
): Promise<void> {
  await tx.query(`update execution set lock_state = $3 where id = any ($1) and lock_state = $2`, [
    change.executionIds,
    change.from,
    change.to,
  ]);
}

export interface TargetOfLock {
  hostname: string;
  repository: string;
  directory: string;
  terraformWorkspace: string;
  name: string;
}

/** The kept lock of this target is no longer kept: it was deleted by hand or taken over. */
export async function forgetKept(
  tx: EntityManager,
  target: TargetOfLock,
  exceptExecutionId: string | null,
): Promise<void> {
  await tx.query(
    `update execution set lock_state = 'none'
     where lock_state in ('kept', 'guarding') and repository_key = $1 and directory = $2 and terraform_workspace = $3
       and name = $4 and id is distinct from $5`,
    [
      `${target.hostname}/${target.repository}`.toLowerCase(),
      target.directory,
      target.terraformWorkspace,
      target.name,
      exceptExecutionId,
    ],
  );
}

/** How long this execution has been waiting for its lock, in ms, by the database's clock. */
export async function waitedMs(tx: EntityManager, executionIds: string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: string; waited: string }[]>(
    `select id, extract(epoch from now() - queued_at) * 1000 as waited from execution where id = any ($1)`,
    [executionIds],
  );
  return new Map(rows.map((row) => [row.id, Number(row.waited)]));
}

export async function findStatuses(tx: EntityManager, runIds: string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; status: string }[]>(`select id, status from run where id = any ($1)`, [
    runIds,
  ]);
  return new Map(rows.map((row) => [row.id, row.status]));
}

/** The keys that executions of these runs still hold or keep, by run. */
export async function findUnfinishedLocks(tx: EntityManager, runIds: string[]): Promise<Map<string, TargetOfLock[]>> {
  const rows = await tx.query<(TargetOfLock & { runId: string })[]>(
    `select run_id as "runId", r.hostname, r.repository, directory, terraform_workspace as "terraformWorkspace", name
     from execution e join run r on r.id = e.run_id
     where run_id = any ($1) and lock_state in ('held', 'guarding', 'kept')`,
    [runIds],
  );
  const byRun = new Map<string, TargetOfLock[]>();
  for (const { runId, ...key } of rows) byRun.set(runId, [...(byRun.get(runId) ?? []), key]);
  return byRun;
}

export async function guardKeptAnew(tx: EntityManager): Promise<void> {
  await tx.query(`update execution set lock_state = 'guarding' where lock_state = 'kept'`);
}
