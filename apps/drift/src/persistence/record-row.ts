// Between rows of `records` and the rest of the service.
import type {
  DriftCounts,
  DriftedResource,
  DriftRecord,
  DriftRecordStatus,
  Target,
  VcsType,
} from '@terramesh/contracts';
import { type Acknowledged, quietOf } from '../noise/news.js';
import type { RecordState } from '../records/record-state.js';

/** Without `changes`, which only single records are read with. */
export const recordColumns = `id, type, hostname, repository, ref, directory, terraform_workspace, name, status, counts,
  truncated, raw_fingerprint, fingerprint, told_raw_fingerprint, told_fingerprint, commit, run_id, last_checked_at,
  first_seen_at, last_seen_at, resolved_at, error, failing_since, last_failed_at, failure_told, gone_at, owner,
  acknowledged, snoozed_until`;

export interface RecordRow {
  readonly id: string;
  readonly type: VcsType;
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly directory: string;
  readonly terraform_workspace: string;
  readonly name: string;
  readonly status: DriftRecordStatus;
  readonly counts: DriftCounts | null;
  readonly truncated: boolean;
  readonly raw_fingerprint: string | null;
  readonly fingerprint: string | null;
  readonly told_raw_fingerprint: string | null;
  readonly told_fingerprint: string | null;
  readonly commit: string | null;
  readonly run_id: string | null;
  readonly last_checked_at: Date | null;
  readonly first_seen_at: Date | null;
  readonly last_seen_at: Date | null;
  readonly resolved_at: Date | null;
  readonly error: string | null;
  readonly failing_since: Date | null;
  readonly last_failed_at: Date | null;
  readonly failure_told: boolean;
  readonly gone_at: Date | null;
  readonly owner: string | null;
  readonly acknowledged: Acknowledged | null;
  readonly snoozed_until: Date | null;
}

/** A record with what decides whether people are told of it. */
export interface StoredRecord {
  readonly id: string;
  readonly target: Target;
  readonly state: RecordState;
  readonly owner: string | null;
  readonly acknowledged: Acknowledged | null;
  readonly snoozedUntil: Date | null;
  readonly toldRawFingerprint: string | null;
  readonly toldFingerprint: string | null;
  readonly failureTold: boolean;
}

export function storedRecordOf(row: RecordRow): StoredRecord {
  return {
    id: row.id,
    target: targetOf(row),
    state: {
      status: row.status,
      counts: row.counts,
      changes: undefined,
      truncated: row.truncated,
      rawFingerprint: row.raw_fingerprint,
      fingerprint: row.fingerprint,
      commit: row.commit,
      runId: row.run_id,
      lastCheckedAt: row.last_checked_at,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
      resolvedAt: row.resolved_at,
      error: row.error,
      failingSince: row.failing_since,
      lastFailedAt: row.last_failed_at,
      goneAt: row.gone_at,
    },
    owner: row.owner,
    acknowledged: row.acknowledged,
    snoozedUntil: row.snoozed_until,
    toldRawFingerprint: row.told_raw_fingerprint,
    toldFingerprint: row.told_fingerprint,
    failureTold: row.failure_told,
  };
}

/** What others see of a record at a time. */
export function driftRecordOf(row: RecordRow, now: Date): DriftRecord {
  const { rawFingerprint, fingerprint } = { rawFingerprint: row.raw_fingerprint, fingerprint: row.fingerprint };
  const { acknowledged, snoozed_until: snoozedUntil } = row;
  const isSnoozed = snoozedUntil !== null && snoozedUntil > now;
  return {
    id: row.id,
    type: row.type,
    hostname: row.hostname,
    repository: row.repository,
    ref: row.ref,
    target: targetOf(row),
    status: row.status,
    quiet: quietOf({ rawFingerprint, fingerprint, acknowledged, snoozedUntil }, now),
    counts: row.counts,
    commit: row.commit,
    runId: row.run_id,
    lastCheckedAt: timeOf(row.last_checked_at),
    fingerprint: rawFingerprint === null ? null : (fingerprint ?? rawFingerprint),
    firstSeenAt: timeOf(row.first_seen_at),
    lastSeenAt: timeOf(row.last_seen_at),
    resolvedAt: timeOf(row.resolved_at),
    error: row.error,
    failingSince: timeOf(row.failing_since),
    lastFailedAt: timeOf(row.last_failed_at),
    goneAt: timeOf(row.gone_at),
    owner: row.owner,
    acknowledged: acknowledged && { by: acknowledged.by, reason: acknowledged.reason, at: acknowledged.at },
    snoozedUntil: isSnoozed ? timeOf(snoozedUntil) : null,
  };
}

/** What is written, with the columns' names; `changes` is null when what is stored stays. */
export function rowOf(record: StoredRecord, key: { type: VcsType; hostname: string; repository: string; ref: string }) {
  const { state, target } = record;
  return {
    id: record.id,
    ...key,
    directory: target.directory,
    terraform_workspace: target.terraformWorkspace,
    name: target.name,
    status: state.status,
    counts: state.counts,
    has_drift: state.rawFingerprint !== null,
    changes: state.changes === undefined ? null : withinBytes(state.changes),
    truncated: state.truncated || (state.changes !== undefined && withinBytes(state.changes) !== state.changes),
    raw_fingerprint: state.rawFingerprint,
    fingerprint: state.fingerprint,
    told_raw_fingerprint: record.toldRawFingerprint,
    told_fingerprint: record.toldFingerprint,
    commit: state.commit,
    run_id: state.runId,
    last_checked_at: state.lastCheckedAt,
    first_seen_at: state.firstSeenAt,
    last_seen_at: state.lastSeenAt,
    resolved_at: state.resolvedAt,
    error: state.error,
    failing_since: state.failingSince,
    last_failed_at: state.lastFailedAt,
    failure_told: record.failureTold,
    gone_at: state.goneAt,
  };
}

/** What one record keeps of its changes: also what one message of the mesh carries. */
const maxChangesBytes = 200_000;

function withinBytes(changes: readonly DriftedResource[]): readonly DriftedResource[] {
  let sizeBytes = 0;
  const end = changes.findIndex((change) => {
    sizeBytes += Buffer.byteLength(JSON.stringify(change));
    return sizeBytes > maxChangesBytes;
  });
  return end < 0 ? changes : changes.slice(0, end);
}

function targetOf(row: RecordRow): Target {
  return { directory: row.directory, terraformWorkspace: row.terraform_workspace, name: row.name };
}

function timeOf(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
