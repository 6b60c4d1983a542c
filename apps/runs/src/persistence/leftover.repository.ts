// What may be removed from a host: the files of runs that are over, unless a person still has to look at them.
import type { EntityManager } from 'typeorm';

/** Of these runs and executions, which nobody needs the files of: finished or unknown, and no lock kept for a person. */
export async function findLeftovers(
  tx: EntityManager,
  runIds: string[],
  executionIds: string[] = [],
): Promise<{ needless: string[]; needlessExecutions: string[] }> {
  const runs = await tx.query<{ id: string }[]>(
    `select asked.id from unnest($1::text[]) as asked (id) left join run on run.id = asked.id
     where (run.id is null or run.status = 'finished')
       and not exists (select 1 from execution where run_id = asked.id and lock_state in ('guarding', 'kept'))`,
    [runIds],
  );
  const executions = await tx.query<{ id: string }[]>(
    `select asked.id from unnest($1::text[]) as asked (id) left join execution on execution.id = asked.id
       left join run on run.id = execution.run_id
     where execution.id is null or run.status = 'finished' and execution.lock_state not in ('guarding', 'kept')`,
    [executionIds],
  );
  return { needless: runs.map((row) => row.id), needlessExecutions: executions.map((row) => row.id) };
}

export async function findExecutionIds(tx: EntityManager, runId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(`select id from execution where run_id = $1`, [runId]);
  return rows.map((row) => row.id);
}
