// SQL over what was applied to put targets right, for the loop detector.
import type { RemediatedBefore } from '../remediations/loop-rule.js';
import type { Transaction } from './transaction.js';

export interface TargetKey {
  readonly hostname: string;
  readonly repository: string;
  /** `targetKey` of its directory, workspace and name. */
  readonly target: string;
}

/** A person's apply makes a new start; one by itself keeps what was counted. */
export async function noteApplied(tx: Transaction, key: TargetKey, by: 'user' | 'automatic'): Promise<void> {
  await tx.query(
    `insert into remediated_targets (hostname, repository, target, applied_at)
     values ($1, $2, $3, clock_timestamp())
     on conflict (hostname, repository, target) do update set applied_at = clock_timestamp(),
       relapses = case when $4 = 'user' then 0 else remediated_targets.relapses end,
       stopped_at = case when $4 = 'user' then null else remediated_targets.stopped_at end`,
    [key.hostname, key.repository, key.target, by],
  );
}

/** Locked until the transaction ends. */
export async function lockRemediated(tx: Transaction, key: TargetKey): Promise<RemediatedBefore | undefined> {
  const [row] = await tx.query<RemediatedBefore[]>(
    `select applied_at as "appliedAt", relapses, counted_for as "countedFor", stopped_at as "stoppedAt"
     from remediated_targets where hostname = $1 and repository = $2 and target = $3 for update`,
    [key.hostname, key.repository, key.target],
  );
  return row;
}

export async function noteRelapses(
  tx: Transaction,
  key: TargetKey,
  verdict: { relapses: number; stopped: 'yes' | 'no' },
): Promise<void> {
  await tx.query(
    `update remediated_targets set relapses = $4, counted_for = applied_at,
       stopped_at = case when $5 = 'yes' then coalesce(stopped_at, now()) end
     where hostname = $1 and repository = $2 and target = $3`,
    [key.hostname, key.repository, key.target, verdict.relapses, verdict.stopped],
  );
}
