// SQL over runs.log_chunk: numbered lines. Numbers are given out under a row lock, so they have no gaps and a reader that
// has seen line n has seen all before it.
import type { EntityManager } from 'typeorm';
import { type Lease, StaleLeaseError } from './execution.repository.js';
import { storable } from './result.repository.js';

/** Appends lines. With a lease, throws StaleLeaseError when it is no longer valid. */
export async function appendLines(
  tx: EntityManager,
  log: { runId: string; lines: string[]; lease: Lease | null },
): Promise<void> {
  const rows = await tx.query<unknown[]>(
    `with valid as (
       select 1 where $4::text is null
       union all select 1 from execution where id = $4 and lease_epoch = $5 and lease_owner is not null
     ), counter as (
       insert into log_counter (run_id, lines) select $1, $2::int from valid
       on conflict (run_id) do update set lines = log_counter.lines + excluded.lines returning lines
     )
     insert into log_chunk (run_id, first_line, last_line, execution_id, body)
     select $1, lines - $2::int + 1, lines, $4, $3 from counter returning first_line`,
    [
      log.runId,
      log.lines.length,
      storable(log.lines.join('\n')),
      log.lease?.executionId ?? null,
      log.lease?.epoch ?? 0,
    ],
  );
  if (rows.length === 0 && log.lease !== null) throw new StaleLeaseError(log.lease.executionId, log.lease.epoch);
}

export interface StoredChunk {
  firstLine: number;
  lastLine: number;
  at: Date;
  executionId: string | null;
  body: string;
}

/** Chunks that hold lines after number `after`, in order. */
export async function readChunks(
  tx: EntityManager,
  read: { runId: string; after: number; limit: number },
): Promise<StoredChunk[]> {
  return tx.query<StoredChunk[]>(
    `select first_line as "firstLine", last_line as "lastLine", at, execution_id as "executionId", body
     from log_chunk where run_id = $1 and last_line > $2 order by first_line limit $3`,
    [read.runId, read.after, read.limit],
  );
}
