// SQL over what was applied to put targets right, for the loop detector. `targets` are `targetKey`s; rows are always
// locked in their order.
import type { RemediatedBefore } from '../remediations/loop-rule.js';
import type { Transaction } from './transaction.js';

interface OfRepository {
  readonly hostname: string;
  readonly repository: string;
}

const ofTargets = 'hostname = $1 and repository = lower($2) and target = any($3::text[])';

/** A person's apply makes a new start; one by itself keeps what was counted. */
export async function noteApplied(
  tx: Transaction,
  { hostname, repository }: OfRepository,
  { targets, by }: { targets: readonly string[]; by: 'user' | 'automatic' },
): Promise<void> {
  if (targets.length === 0) return;
  await tx.query(
    `insert into remediated_targets (hostname, repository, target, applied_at)
     select $1, lower($2), target, clock_timestamp()
     from unnest($3::text[]) with ordinality as applied (target, place) order by place
     on conflict (hostname, repository, target) do update set applied_at = clock_timestamp(),
       relapses = case when $4 = 'user' then 0 else remediated_targets.relapses end,
       stopped_at = case when $4 = 'user' then null else remediated_targets.stopped_at end`,
    [hostname, repository, [...new Set(targets)].sort(), by],
  );
}

/** By target; locked until the transaction ends. */
export async function lockRemediated(
  tx: Transaction,
  { hostname, repository }: OfRepository,
  targets: readonly string[],
): Promise<ReadonlyMap<string, RemediatedBefore>> {
  const rows = await tx.query<(RemediatedBefore & { target: string })[]>(
    `select target, applied_at as "appliedAt", relapses, counted_for as "countedFor", stopped_at as "stoppedAt"
     from remediated_targets where ${ofTargets} order by target for update`,
    [hostname, repository, targets],
  );
  return new Map(rows.map((row) => [row.target, row]));
}

export interface Relapses {
  readonly target: string;
  /** In a row. */
  readonly relapses: number;
  /** Left alone from now on. */
  readonly stopped: boolean;
}

/** Lock the targets first. */
export async function noteRelapses(
  tx: Transaction,
  { hostname, repository }: OfRepository,
  counted: readonly Relapses[],
): Promise<void> {
  if (counted.length === 0) return;
  await tx.query(
    `update remediated_targets old set relapses = new.relapses, counted_for = applied_at,
       stopped_at = case when new.stopped then coalesce(stopped_at, now()) end
     from jsonb_to_recordset($3::jsonb) as new (target text, relapses int, stopped boolean)
     where hostname = $1 and repository = lower($2) and old.target = new.target`,
    [hostname, repository, JSON.stringify(counted)],
  );
}

/** Of what was applied so long ago that no drift counts as its relapse; what is left alone is kept. */
export async function forgetApplied(tx: Transaction, olderThanMs: number, limit: number): Promise<number> {
  const [, count] = await tx.query<[unknown[], number]>(
    `delete from remediated_targets where (hostname, repository, target) in (
       select hostname, repository, target from remediated_targets
       where stopped_at is null and applied_at < now() - $1 * interval '1 millisecond' limit $2)`,
    [olderThanMs, limit],
  );
  return count;
}
