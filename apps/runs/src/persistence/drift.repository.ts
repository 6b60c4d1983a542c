// SQL over runs.execution_drift: what a plan would change and what it found changed.
import type { DriftedResource } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';

export interface StoredDrift {
  readonly truncated: boolean;
  readonly changes: readonly DriftedResource[];
}

/** Saves the drift of an execution's plan, in place of what an earlier plan of it left. */
export async function saveDrift(tx: EntityManager, executionId: string, drift: StoredDrift): Promise<void> {
  if (drift.changes.length === 0 && !drift.truncated) {
    await tx.query(`delete from execution_drift where execution_id = $1`, [executionId]);
    return;
  }
  const changes = JSON.stringify(drift.changes);
  await tx.query(
    `insert into execution_drift (execution_id, truncated, changes, size_bytes) values ($1, $2, $3, $4)
     on conflict (execution_id) do update
       set truncated = excluded.truncated, changes = excluded.changes, size_bytes = excluded.size_bytes`,
    [executionId, drift.truncated, changes, Buffer.byteLength(changes)],
  );
}

export interface ExecutionDrift extends StoredDrift {
  readonly executionId: string;
  readonly ordinal: number;
}

const executionsAtOnce = 200;

/** The next executions after an ordinal that have drift: as many as fit the budget, and always one if there is one. */
export async function readDrift(
  tx: EntityManager,
  read: { runId: string; after: number; budgetBytes: number },
): Promise<{ executions: ExecutionDrift[]; more: 'yes' | 'no' }> {
  const rows = await tx.query<(ExecutionDrift & { found: string })[]>(
    `with next as (
       select e.id, e.ordinal, d.size_bytes, sum(d.size_bytes) over (order by e.ordinal) as upto
       from execution e join execution_drift d on d.execution_id = e.id
       where e.run_id = $1 and e.ordinal > $2 order by e.ordinal limit $4
     )
     select next.id as "executionId", next.ordinal, d.truncated, d.changes, (select count(*) from next) as found
     from next join execution_drift d on d.execution_id = next.id
     where next.upto <= $3 or next.upto = next.size_bytes order by next.ordinal`,
    [read.runId, read.after, read.budgetBytes, executionsAtOnce],
  );
  const found = Number(rows[0]?.found ?? 0);
  return { executions: rows, more: found > rows.length || found === executionsAtOnce ? 'yes' : 'no' };
}
