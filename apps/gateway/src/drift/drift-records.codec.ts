// Records of drift and ignore rules ⇄ flat snake_case JSON.
import type { DriftEvent, DriftRecord, IgnoreRule, IgnoreRuleInput } from '@terramesh/contracts';
import { AppError } from '@terramesh/contracts';
import type { ZodType, z } from 'zod';
import { parseJson, sentence } from '../http/json-body.js';
import type { DriftRecordBody, HistoryEntryBody, IgnoreRuleBody, IgnoreRuleRequest } from './drift-records.schemas.js';
import { toSeconds } from './to-seconds.js';

/** Throws INVALID: for JSON that is none, then with every problem of its members. */
export function decodeBody<S extends ZodType>(schema: S, body: unknown): z.output<S> {
  const json = parseJson(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new AppError('INVALID', sentence(parsed.error));
  return parsed.data;
}

export function encodeRecord(record: DriftRecord): DriftRecordBody {
  const { target, counts, acknowledged } = record;
  return {
    id: record.id,
    type: record.type,
    hostname: record.hostname,
    repository: record.repository,
    ref: record.ref,
    project_name: target.name,
    path: target.directory,
    workspace: target.terraformWorkspace,
    status: record.status,
    quiet: record.quiet,
    has_drift: counts?.hasDrift ?? false,
    to_add: counts?.toAdd ?? 0,
    to_change: counts?.toChange ?? 0,
    to_destroy: counts?.toDestroy ?? 0,
    to_import: counts?.toImport ?? 0,
    changes_outside: counts?.changesOutside ?? false,
    summary: counts?.summary ?? '',
    fingerprint: record.fingerprint,
    resolved_commit: record.commit,
    run_id: record.runId,
    last_checked: timeOf(record.lastCheckedAt),
    first_seen: timeOf(record.firstSeenAt),
    last_seen: timeOf(record.lastSeenAt),
    resolved_at: timeOf(record.resolvedAt),
    error: record.error,
    failing_since: timeOf(record.failingSince),
    last_failed: timeOf(record.lastFailedAt),
    gone_at: timeOf(record.goneAt),
    owner: record.owner,
    acknowledged: acknowledged && { ...acknowledged, at: toSeconds(acknowledged.at) },
    snoozed_until: timeOf(record.snoozedUntil),
  };
}

export function encodeHistoryEntry({ at, kind, runId, commit, counts, detail }: DriftEvent): HistoryEntryBody {
  return {
    at: toSeconds(at),
    kind,
    run_id: runId,
    resolved_commit: commit,
    has_drift: counts?.hasDrift ?? null,
    to_add: counts?.toAdd ?? null,
    to_change: counts?.toChange ?? null,
    to_destroy: counts?.toDestroy ?? null,
    to_import: counts?.toImport ?? null,
    detail,
  };
}

export function decodeRule(request: IgnoreRuleRequest): IgnoreRuleInput {
  const { expires_at: expiresAt, ...rest } = request;
  return { ...rest, expiresAt };
}

export function encodeRule(rule: IgnoreRule): IgnoreRuleBody {
  const { id, repository, address, attribute, reason, owner, expiresAt, createdAt, updatedAt } = rule;
  const times = { created_at: toSeconds(createdAt), updated_at: toSeconds(updatedAt) };
  return { id, repository, address, attribute, reason, owner, expires_at: timeOf(expiresAt), ...times };
}

function timeOf(timestamp: string | null): string | null {
  return timestamp === null ? null : toSeconds(timestamp);
}
