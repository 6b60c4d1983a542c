// Whose turn it is to sweep, and how far the sweeps have come.
import type { Transaction } from './transaction.js';

type SweepName = 'finished-runs' | 'housekeeping';

/** How far the sweeps have come, for one replica in each interval; undefined for the others. */
export async function beginSweep(tx: Transaction, name: SweepName, intervalMs: number): Promise<Date | undefined> {
  const [[row]] = await tx.query<[{ swept_until: Date }[], number]>(
    `update sweeps set begun_at = now() where name = $1 and begun_at <= now() - $2 * interval '1 millisecond'
     returning swept_until`,
    [name, intervalMs],
  );
  return row?.swept_until;
}

/** Never goes back. */
export async function endSweep(tx: Transaction, name: SweepName, sweptUntil: Date): Promise<void> {
  await tx.query('update sweeps set swept_until = greatest(swept_until, $2) where name = $1', [name, sweptUntil]);
}

/** Of these runs, those whose results are not recorded. */
export async function unrecorded(tx: Transaction, runIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ run_id: string }[]>(
    `select run_id from unnest($1::text[]) with ordinality as wanted (run_id, place)
     where not exists (select from recorded_runs where recorded_runs.run_id = wanted.run_id) order by place`,
    [runIds],
  );
  return rows.map((row) => row.run_id);
}

const old = {
  recordedRuns: `delete from recorded_runs where run_id = any(array(
    select run_id from recorded_runs where recorded_at < now() - $1 * interval '1 day' limit $2))`,
  records: `delete from records where id = any(array(
    select id from records where greatest(last_checked_at, last_failed_at) < now() - $1 * interval '1 day' limit $2))`,
  detections: `delete from detections where id = any(array(
    select id from detections where completed_at < now() - $1 * interval '1 day' limit $2))`,
  // A schedule that looks every minute makes many; a key is known for 24 hours.
  detectionsOfRef: `delete from detections where id = any(array(
    select id from (
      select id, row_number() over (partition by hostname, lower(repository), ref order by number desc) as place
      from detections
      where completed_at is not null and (idempotency_key is null or started_at < now() - interval '24 hours')
    ) as of_ref where place > $1 limit $2))`,
  // As long as somebody looks at the ref, people are not told again that it fails.
  failingRefs: `delete from failing_refs where ctid = any(array(
    select ctid from failing_refs
    where failing_since < now() - $1 * interval '1 day' and not exists (
      select from detections
      where lower(detections.repository) = lower(failing_refs.repository) and detections.hostname = failing_refs.hostname
        and regexp_replace(detections.ref, '^refs/heads/', '') = failing_refs.ref
    ) limit $2))`,
};

/** Forgets what nobody asks for any more; at most `limit` of each kind at a time. True when there may be more. */
export async function deleteOld(
  tx: Transaction,
  keep: { recordDays: number; runDays: number; detectionsOfRef: number; limit: number },
): Promise<boolean> {
  const counts: number[] = [];
  for (const [statement, bound] of [
    [old.recordedRuns, keep.runDays],
    [old.records, keep.recordDays],
    [old.detections, keep.recordDays],
    [old.detectionsOfRef, keep.detectionsOfRef],
    [old.failingRefs, keep.recordDays],
  ] as const) {
    const [, count] = await tx.query<[unknown[], number]>(statement, [bound, keep.limit]);
    counts.push(count);
  }
  return counts.includes(keep.limit);
}
