// Served by apps/drift. A remediation is one run, of kind plan or apply, over targets that were seen to drift.
import { z } from 'zod';
import { operation } from '../operation.js';
import { maxWaitMs, PlanSummary, RunId } from '../runs.js';
import { Line, maxTargets, Ref } from '../start-run.js';
import { Repository, VcsType } from '../targets.js';

export const RemediationAction = z.enum(['plan', 'apply']).meta({ id: 'RemediationAction' });
export type RemediationAction = z.infer<typeof RemediationAction>;

export const RemediationStatus = z
  .enum(['pending', 'running', 'success', 'failed', 'partial'])
  .meta({ id: 'RemediationStatus' });
export type RemediationStatus = z.infer<typeof RemediationStatus>;

const Names = z.array(Line.min(1).max(255)).max(maxTargets).default([]);

export const StartRemediation = z
  .object({
    type: VcsType,
    repository: Repository.shape.repository,
    ref: Ref,
    action: RemediationAction.default('plan'),
    projects: Names,
    workspaces: Names,
    /** `drifted`: of the recorded targets only those that have drifted. */
    selection: z.enum(['all', 'drifted']).default('all'),
    /** Whether an apply may destroy anything at all. */
    destroys: z.enum(['refuse', 'allow']).default('refuse'),
    user: Line.max(255).default(''),
    /** The same key and request within 24 h give the same remediation; another request is a CONFLICT. */
    idempotencyKey: Line.min(1).max(255).nullable().default(null),
  })
  .meta({ id: 'StartRemediation' });
export type StartRemediation = z.infer<typeof StartRemediation>;

const Timestamp = z.iso.datetime({ offset: true });
const Count = z.int().nonnegative();

export const Remediation = z
  .object({
    id: z.uuid(),
    type: VcsType,
    hostname: Repository.shape.hostname,
    repository: Repository.shape.repository,
    ref: z.string(),
    action: RemediationAction,
    status: RemediationStatus,
    /** Who wanted it: a person, or the schedule whose detection is named. */
    origin: z.enum(['user', 'automatic']),
    detectionId: z.uuid().nullable(),
    /** Null until its run was started; stays null when there was nothing to run. */
    runId: RunId.nullable(),
    startedAt: Timestamp,
    completedAt: Timestamp.nullable(),
    totalTargets: Count,
    successCount: Count,
    failureCount: Count,
    /** Why it failed as a whole. */
    error: z.string().nullable(),
  })
  .meta({ id: 'Remediation' });
export type Remediation = z.infer<typeof Remediation>;

/** What a plan said of drift; `summary` is Terraform's own sentence. */
export const DriftCounts = PlanSummary.extend({ hasDrift: z.boolean() }).meta({ id: 'DriftCounts' });
export type DriftCounts = z.infer<typeof DriftCounts>;

export const RemediatedTarget = z
  .object({
    ordinal: z.int().nonnegative(),
    /** Empty while only the name is known. */
    directory: z.string(),
    terraformWorkspace: z.string(),
    name: z.string(),
    status: z.enum(['pending', 'running', 'success', 'failed']),
    /** What was recorded when the remediation began. */
    driftBefore: DriftCounts.nullable(),
    driftAfter: DriftCounts.nullable(),
  })
  .meta({ id: 'RemediatedTarget' });
export type RemediatedTarget = z.infer<typeof RemediatedTarget>;

export const RemediationText = z.enum(['plan_output', 'apply_output', 'error']);
export type RemediationText = z.infer<typeof RemediationText>;

const Id = z.object({ id: z.uuid() });

export const remediations = {
  /**
   * Accepts a remediation: when it answers, it is on disk, and its run is started unless `runs` is away. INVALID,
   * FORBIDDEN (allowlist), CONFLICT (idempotency key, an open breaker, outside the window).
   */
  start: operation({
    subject: 'drift.start-remediation',
    input: StartRemediation,
    output: z.object({ remediation: Remediation, replayed: z.boolean() }),
    timeoutMs: 15_000,
  }),
  /** NOT_FOUND. */
  get: operation({ subject: 'drift.get-remediation', input: Id, output: Remediation, idempotent: true }),
  /** Answers when it is over or `waitMs` have passed: look at `status`. NOT_FOUND. */
  wait: operation({
    subject: 'drift.wait-remediation',
    input: Id.extend({ waitMs: z.int().min(0).max(maxWaitMs).default(0) }),
    output: Remediation,
    timeoutMs: maxWaitMs + 3_000,
    idempotent: true,
  }),
  /** Newest first. */
  list: operation({
    subject: 'drift.list-remediations',
    input: z.object({
      repository: z.string().max(512).nullable().default(null),
      limit: z.int().min(1).max(100).default(10),
    }),
    output: z.object({ remediations: z.array(Remediation) }),
    idempotent: true,
  }),
  /**
   * The targets of a remediation, in order, each followed by its texts when they are wanted, in pieces that fit a message.
   * Pieces of the same target and part are to be joined. `next` is null at the end. NOT_FOUND.
   */
  targets: operation({
    subject: 'drift.remediation-targets',
    input: Id.extend({
      texts: z.enum(['with', 'without']).default('with'),
      cursor: z.string().max(255).nullable().default(null),
    }),
    output: z.object({
      pieces: z.array(
        z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('target'), target: RemediatedTarget }),
          z.object({ kind: z.literal('text'), ordinal: z.int(), part: RemediationText, text: z.string() }),
        ]),
      ),
      next: z.string().nullable(),
    }),
    idempotent: true,
  }),
};
