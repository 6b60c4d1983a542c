// Served by apps/drift. A detection is one plan run that looks for drift, and what it found.
import { z } from 'zod';
import { operation } from '../operation.js';
import { maxWaitMs, RunId } from '../runs.js';
import { StartRun } from '../start-run.js';
import { Repository, VcsType } from '../targets.js';
import { DriftCounts } from './remediations.js';

/** `success`: every target was checked; `partial`: some; `failed`: none. */
export const DetectionStatus = z
  .enum(['pending', 'running', 'success', 'partial', 'failed'])
  .meta({ id: 'DetectionStatus' });
export type DetectionStatus = z.infer<typeof DetectionStatus>;

/** What is done about the drift that a detection finds, unless the breaker is open. */
export const FollowUp = z.enum(['nothing', 'plan', 'apply']).meta({ id: 'FollowUp' });
export type FollowUp = z.infer<typeof FollowUp>;

/** Without projects and paths every target of the ref is looked at. */
export const DetectionRequest = z
  .object({
    type: StartRun.shape.type,
    repository: StartRun.shape.repository,
    ref: StartRun.shape.ref,
    projects: StartRun.shape.projects,
    paths: StartRun.shape.paths,
    user: StartRun.shape.user,
    /** The same key and request within 24 h give the same detection; another request is a CONFLICT. */
    idempotencyKey: StartRun.shape.idempotencyKey,
  })
  .meta({ id: 'DetectionRequest' });
export type DetectionRequest = z.infer<typeof DetectionRequest>;

const Timestamp = z.iso.datetime({ offset: true });
const Count = z.int().nonnegative();

export const Detection = z
  .object({
    id: z.uuid(),
    type: VcsType,
    hostname: Repository.shape.hostname,
    repository: Repository.shape.repository,
    ref: z.string(),
    status: DetectionStatus,
    scope: z.enum(['every_target', 'selected']),
    scheduleId: z.uuid().nullable(),
    followUp: FollowUp,
    user: z.string(),
    /** Null until its run was started. */
    runId: RunId.nullable(),
    commit: z.string().nullable(),
    startedAt: Timestamp,
    completedAt: Timestamp.nullable(),
    totalTargets: Count,
    driftedTargets: Count,
    failedTargets: Count,
    /** Why it failed as a whole. */
    error: z.string().nullable(),
  })
  .meta({ id: 'Detection' });
export type Detection = z.infer<typeof Detection>;

export const DetectedTarget = z
  .object({
    /** Of a name or a path that fits no target only what was asked for; the rest is empty. */
    target: z.object({ directory: z.string(), terraformWorkspace: z.string(), name: z.string() }),
    /** Null when it could not be checked: then `error` says why. */
    counts: DriftCounts.nullable(),
    error: z.string().nullable(),
    checkedAt: Timestamp,
  })
  .meta({ id: 'DetectedTarget' });
export type DetectedTarget = z.infer<typeof DetectedTarget>;

const Id = z.object({ id: z.uuid() });
const After = z.string().max(255).nullable().default(null);

export const driftDetections = {
  /**
   * Accepts a detection: when it answers, it is on disk, and its run is started unless `runs` is away. INVALID, FORBIDDEN
   * (allowlist), CONFLICT (idempotency key).
   */
  start: operation({
    subject: 'drift.start-detection',
    input: DetectionRequest,
    output: z.object({ detectionId: z.uuid(), runId: RunId.nullable(), replayed: z.boolean() }),
    timeoutMs: 15_000,
  }),
  /** NOT_FOUND. */
  get: operation({ subject: 'drift.get-detection', input: Id, output: Detection, idempotent: true }),
  /** Answers when it is over or `waitMs` have passed: look at `completedAt`. NOT_FOUND. */
  wait: operation({
    subject: 'drift.wait-detection',
    input: Id.extend({ waitMs: z.int().min(0).max(maxWaitMs).default(0) }),
    output: Detection,
    timeoutMs: maxWaitMs + 3_000,
    idempotent: true,
  }),
  /** Newest first. */
  list: operation({
    subject: 'drift.list-detections',
    input: z.object({
      repository: z.string().max(512).nullable().default(null),
      status: DetectionStatus.nullable().default(null),
      after: After,
      limit: z.int().min(1).max(100).default(20),
    }),
    output: z.object({ detections: z.array(Detection), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** What a finished detection found, in the order of its run. NOT_FOUND. */
  targets: operation({
    subject: 'drift.detection-targets',
    input: Id.extend({ after: After, limit: z.int().min(1).max(500).default(200) }),
    output: z.object({ targets: z.array(DetectedTarget), next: z.string().nullable() }),
    idempotent: true,
  }),
};
