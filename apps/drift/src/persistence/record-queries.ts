// Records for callers: pages in a stable order, and single ones with their details.
import type { DriftCounts, DriftEventKind, DriftedResource, DriftRecordStatus } from '@terramesh/contracts';
import { type RecordRow, recordColumns } from './record-row.js';
import type { Transaction } from './transaction.js';

/** Null: any. */
export interface RecordFilter {
  readonly hostname: string | null;
  readonly repository: string | null;
  readonly ref: string | null;
  readonly status: DriftRecordStatus | null;
  readonly project: string | null;
  readonly workspace: string | null;
  readonly gone: 'with' | 'without';
}

/** In the order of the records' keys, after the one of this id; one more than `limit` when there are more. */
export function listRecords(
  tx: Transaction,
  filter: RecordFilter,
  { after, limit }: { after: readonly string[] | null; limit: number },
): Promise<RecordRow[]> {
  const { hostname, repository, ref, status, project, workspace, gone } = filter;
  return tx.query<RecordRow[]>(
    `select ${recordColumns} from records
     where ($1::text is null or hostname = lower($1)) and ($2::text is null or lower(repository) = lower($2))
       and ($3::text is null or ref = $3) and ($4::text is null or status = $4) and ($5::text is null or name = $5)
       and ($6::text is null or terraform_workspace = $6) and ($7 = 'with' or gone_at is null)
       and ($8::text[] is null or (lower(repository), ${keyColumns}) > ($8[1], $8[2], $8[3], $8[4], $8[5], $8[6]))
     order by lower(repository), ${keyColumns} limit $9`,
    [hostname, repository, ref, status, project, workspace, gone, after, limit + 1],
  );
}

const keyColumns = 'hostname, ref, directory, terraform_workspace, name';

/** Where `listRecords` goes on after a record. */
export function placeOf(row: RecordRow): readonly string[] {
  return [row.repository.toLowerCase(), row.hostname, row.ref, row.directory, row.terraform_workspace, row.name];
}

export async function findRecord(tx: Transaction, id: string): Promise<RecordRow | undefined> {
  const [row] = await tx.query<RecordRow[]>(`select ${recordColumns} from records where id = $1`, [id]);
  return row;
}

export async function changesOf(tx: Transaction, id: string): Promise<DriftedResource[]> {
  const [row] = await tx.query<{ changes: DriftedResource[] }[]>('select changes from records where id = $1', [id]);
  return row?.changes ?? [];
}

export interface EventRow {
  readonly id: string;
  readonly at: Date;
  readonly kind: DriftEventKind;
  readonly run_id: string | null;
  readonly commit: string | null;
  readonly counts: DriftCounts | null;
  readonly detail: string;
}

/** Newest first; one more than `limit` when there are more. */
export function listEvents(
  tx: Transaction,
  { id, before, limit }: { id: string; before: number | null; limit: number },
): Promise<EventRow[]> {
  return tx.query<EventRow[]>(
    `select id, at, kind, run_id, commit, counts, detail from record_events
     where record_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [id, before, limit + 1],
  );
}
