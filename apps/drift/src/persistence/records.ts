// Writes records in sets: one run looks at up to a thousand targets.
import type { Target, VcsType } from '@terramesh/contracts';
import type { HistoryEntry } from '../records/record-state.js';
import { type RecordRow, recordColumns, rowOf, type StoredRecord, storedRecordOf } from './record-row.js';
import type { Transaction } from './transaction.js';

/** A ref of a repository as it is recorded. */
export interface RefKey {
  readonly hostname: string;
  readonly repository: string;
  /** As `shortRef` has it. */
  readonly ref: string;
}

export interface RecordedRef extends RefKey {
  readonly type: VcsType;
}

const historyLength = 200;
const ofRef = 'lower(repository) = lower($1) and hostname = $2 and ref = $3';

/** Until `tx` ends nobody else records a run of this ref. */
export async function lockRef(tx: Transaction, { hostname, repository, ref }: RefKey): Promise<void> {
  const name = JSON.stringify(['drift', hostname, repository.toLowerCase(), ref]);
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
}

/** True for one caller for each run, once its transaction has committed. */
export async function noteRun(tx: Transaction, runId: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    'insert into recorded_runs (run_id) values ($1) on conflict do nothing returning run_id',
    [runId],
  );
  return rows.length > 0;
}

/** Of the whole ref, the ones that are gone too; locked until `tx` ends. */
export async function loadRecords(tx: Transaction, { repository, hostname, ref }: RefKey): Promise<StoredRecord[]> {
  const rows = await tx.query<RecordRow[]>(
    `select ${recordColumns} from records where ${ofRef} order by id for update`,
    [repository, hostname, ref],
  );
  return rows.map(storedRecordOf);
}

/** Inserts new ones and updates those that exist; leaves owner, acknowledgement and snooze to those who set them. */
export async function saveRecords(tx: Transaction, key: RecordedRef, records: readonly StoredRecord[]): Promise<void> {
  if (records.length === 0) return;
  const { type, hostname, repository, ref } = key;
  const rows = JSON.stringify(records.map((record) => rowOf(record, { type, hostname, repository, ref })));
  await tx.query(
    `update records set (type, ${written}) = (new.type, ${written.replace(/\w+/g, 'new.$&')}),
       changes = coalesce(new.changes, records.changes)
     from jsonb_populate_recordset(null::records, $1::jsonb) as new where records.id = new.id`,
    [rows],
  );
  await tx.query(
    `insert into records (id, type, hostname, repository, ref, directory, terraform_workspace, name, ${written}, changes)
     select id, type, hostname, repository, ref, directory, terraform_workspace, name, ${written}, coalesce(changes, '[]')
     from jsonb_populate_recordset(null::records, $1::jsonb) as new
     where not exists (select from records where records.id = new.id)`,
    [rows],
  );
}

const written = `status, counts, has_drift, truncated, raw_fingerprint, fingerprint, told_raw_fingerprint,
  told_fingerprint, commit, run_id, last_checked_at, first_seen_at, last_seen_at, resolved_at, error, failing_since,
  last_failed_at, failure_told, gone_at`;

/** Keeps the newest 200 of each record. */
export async function addHistory(
  tx: Transaction,
  entries: readonly { readonly recordId: string; readonly entry: HistoryEntry }[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ recordId, entry }) => {
    const { at, kind, runId, commit, counts, detail } = entry;
    return { record_id: recordId, at, kind, run_id: runId, commit, counts, detail };
  });
  await tx.query(
    `insert into record_events (record_id, at, kind, run_id, commit, counts, detail)
     select record_id, at, kind, run_id, commit, counts, detail
     from jsonb_to_recordset($1::jsonb) as new
       (record_id uuid, at timestamptz, kind text, run_id text, commit text, counts jsonb, detail text)`,
    [JSON.stringify(rows)],
  );
  await tx.query(
    `delete from record_events using (
       select id, row_number() over (partition by record_id order by id desc) as place
       from record_events where record_id = any($1::uuid[])
     ) as old where record_events.id = old.id and old.place > ${historyLength}`,
    [[...new Set(entries.map(({ recordId }) => recordId))]],
  );
}

/** What people believe from now on. */
export async function noteTold(
  tx: Transaction,
  told: readonly Pick<StoredRecord, 'id' | 'toldRawFingerprint' | 'toldFingerprint' | 'failureTold'>[],
): Promise<void> {
  if (told.length === 0) return;
  const rows = told.map((record) => ({
    id: record.id,
    raw: record.toldRawFingerprint,
    left: record.toldFingerprint,
    failure: record.failureTold,
  }));
  await tx.query(
    `update records set told_raw_fingerprint = new.raw, told_fingerprint = new."left", failure_told = new.failure
     from jsonb_to_recordset($1::jsonb) as new (id uuid, raw text, "left" text, failure boolean)
     where records.id = new.id`,
    [JSON.stringify(rows)],
  );
}

/**
 * Notes that a ref as a whole could not be looked at (an error), or could (null). True when that is new.
 */
export async function noteRefHealth(
  tx: Transaction,
  key: RefKey,
  failure: { error: string; at: Date } | null,
): Promise<boolean> {
  const { repository, hostname, ref } = key;
  const rows =
    failure === null
      ? await tx
          .query<[unknown[], number]>(`delete from failing_refs where ${ofRef} returning ref`, [
            repository,
            hostname,
            ref,
          ])
          .then(([deleted]) => deleted)
      : await tx.query<unknown[]>(
          `insert into failing_refs (repository, hostname, ref, error, failing_since) values ($1, $2, $3, $4, $5)
           on conflict do nothing returning ref`,
          [repository, hostname, ref, failure.error, failure.at],
        );
  return rows.length > 0;
}

/** Without the ones that are gone. */
export function recordedTargets(tx: Transaction, { repository, hostname, ref }: RefKey): Promise<Target[]> {
  return tx.query<Target[]>(
    `select directory, terraform_workspace as "terraformWorkspace", name from records
     where ${ofRef} and gone_at is null order by directory, terraform_workspace, name`,
    [repository, hostname, ref],
  );
}
