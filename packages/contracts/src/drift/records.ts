// Served by apps/drift: what the newest plan without a pull request said of each target, per ref.
import { z } from 'zod';
import { DriftedResource } from '../drifted-resource.js';
import { operation } from '../operation.js';
import { Repository, Target, VcsType } from '../targets.js';
import { DriftCounts } from './remediations.js';

const Timestamp = z.iso.datetime({ offset: true });

/**
 * What the newest check made of a target: `new`, `changed` and `known` drift, `resolved` (it drifted at the check before),
 * `in_sync`; `unchecked` when no check has succeeded yet.
 */
export const DriftRecordStatus = z
  .enum(['new', 'changed', 'known', 'resolved', 'in_sync', 'unchecked'])
  .meta({ id: 'DriftRecordStatus' });
export type DriftRecordStatus = z.infer<typeof DriftRecordStatus>;

/** Why nobody is told of a target's drift. */
export const DriftQuiet = z.enum(['ignored', 'acknowledged', 'snoozed']).meta({ id: 'DriftQuiet' });
export type DriftQuiet = z.infer<typeof DriftQuiet>;

export const DriftRecord = z
  .object({
    id: z.uuid(),
    type: VcsType,
    hostname: Repository.shape.hostname,
    repository: Repository.shape.repository,
    ref: z.string(),
    target: Target,
    status: DriftRecordStatus,
    quiet: DriftQuiet.nullable(),
    /** Of the newest successful check; null when there was none. */
    counts: DriftCounts.nullable(),
    /** The commit that was planned then, and by which run. */
    commit: z.string().nullable(),
    runId: z.string().nullable(),
    lastCheckedAt: Timestamp.nullable(),
    /** Names the drift: the same as long as the same attributes differ in the same way. Null without drift. */
    fingerprint: z.string().nullable(),
    /** Since when it drifts, and when that was seen last; kept after it was resolved. */
    firstSeenAt: Timestamp.nullable(),
    lastSeenAt: Timestamp.nullable(),
    resolvedAt: Timestamp.nullable(),
    /** Why the newest check could not look; null when it could. What was known before still stands above. */
    error: z.string().nullable(),
    failingSince: Timestamp.nullable(),
    lastFailedAt: Timestamp.nullable(),
    /** Since when a detection of the whole repository no longer finds the target. */
    goneAt: Timestamp.nullable(),
    owner: z.string().nullable(),
    acknowledged: z.object({ by: z.string(), reason: z.string(), at: Timestamp }).nullable(),
    snoozedUntil: Timestamp.nullable(),
  })
  .meta({ id: 'DriftRecord' });
export type DriftRecord = z.infer<typeof DriftRecord>;

export const DriftEventKind = z
  .enum([
    'found',
    'changed',
    'resolved',
    'applied',
    'failed',
    'recovered',
    'gone',
    'returned',
    'acknowledged',
    'snoozed',
    'owned',
  ])
  .meta({ id: 'DriftEventKind' });
export type DriftEventKind = z.infer<typeof DriftEventKind>;

/** One entry of a record's history: what changed, not every check. */
export const DriftEvent = z
  .object({
    at: Timestamp,
    kind: DriftEventKind,
    runId: z.string().nullable(),
    commit: z.string().nullable(),
    counts: DriftCounts.nullable(),
    detail: z.string(),
  })
  .meta({ id: 'DriftEvent' });
export type DriftEvent = z.infer<typeof DriftEvent>;

const Id = z.object({ id: z.uuid() });
const After = z.string().max(255).nullable().default(null);

export const driftRecords = {
  /**
   * In the order of repository, ref, directory, workspace and name. `after` is `next` of the page before; a page is
   * shorter than `limit` when it would not fit a message. INVALID for an `after` that is none.
   */
  list: operation({
    subject: 'drift.list-records',
    input: z.object({
      hostname: Repository.shape.hostname.nullable().default(null),
      repository: z.string().max(512).nullable().default(null),
      ref: z.string().max(255).nullable().default(null),
      status: DriftRecordStatus.nullable().default(null),
      /** The target's name, and its Terraform workspace. */
      project: z.string().max(255).nullable().default(null),
      workspace: z.string().max(255).nullable().default(null),
      /** `without`: only targets that still exist. */
      gone: z.enum(['with', 'without']).default('without'),
      after: After,
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.object({ records: z.array(DriftRecord), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** With what drifted, as far as it is kept. NOT_FOUND. */
  get: operation({
    subject: 'drift.get-record',
    input: Id,
    output: z.object({ record: DriftRecord, changes: z.array(DriftedResource), truncated: z.boolean() }),
    idempotent: true,
  }),
  /** Newest first. NOT_FOUND. */
  history: operation({
    subject: 'drift.record-history',
    input: Id.extend({ after: After, limit: z.int().min(1).max(100).default(50) }),
    output: z.object({ events: z.array(DriftEvent), next: z.string().nullable() }),
    idempotent: true,
  }),
};
