// SQL over the one row of the breaker.
import type { Repository } from '@terramesh/contracts';
import type { Transaction } from './transaction.js';

export interface BreakerRow {
  readonly state: 'closed' | 'open';
  readonly openedAt: Date | null;
  /** When a check last found too much; the cool-down counts from it. */
  readonly trippedAt: Date | null;
  readonly reason: string | null;
  readonly checkedTargets: number;
  readonly driftedTargets: number;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  /** The repository whose run opened it. */
  readonly openedBy: Repository;
}

const columns = `state, opened_at as "openedAt", tripped_at as "trippedAt", reason,
  checked_targets as "checkedTargets", drifted_targets as "driftedTargets", closed_at as "closedAt",
  closed_by as "closedBy", json_build_object('hostname', hostname, 'repository', repository) as "openedBy"`;

export async function readBreaker(manager: Transaction): Promise<BreakerRow> {
  return one(await manager.query<BreakerRow[]>(`select ${columns} from breaker`));
}

/** Locked until the transaction ends. */
export async function lockBreaker(tx: Transaction): Promise<BreakerRow> {
  return one(await tx.query<BreakerRow[]>(`select ${columns} from breaker for update`));
}

export async function openBreaker(
  tx: Transaction,
  seen: { reason: string; checked: number; drifted: number } & Repository,
): Promise<void> {
  await tx.query(
    `update breaker set state = 'open', opened_at = clock_timestamp(), tripped_at = clock_timestamp(), reason = $1,
       checked_targets = $2, drifted_targets = $3, hostname = $4, repository = $5, closed_at = null, closed_by = null`,
    [seen.reason, seen.checked, seen.drifted, seen.hostname, seen.repository],
  );
}

export async function tripAgain(tx: Transaction): Promise<void> {
  await tx.query(`update breaker set tripped_at = clock_timestamp()`);
}

export async function shutBreaker(tx: Transaction, closedBy: string): Promise<void> {
  await tx.query(`update breaker set state = 'closed', closed_at = clock_timestamp(), closed_by = $1`, [closedBy]);
}

function one(rows: readonly BreakerRow[]): BreakerRow {
  const [row] = rows;
  if (row === undefined) throw new Error('the breaker has no row');
  return row;
}
