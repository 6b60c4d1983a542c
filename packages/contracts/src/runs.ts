// Served by apps/runs. A run has one execution per target; both are rows in Postgres before anyone is told of them.
import { z } from 'zod';
import { DriftedResource } from './drifted-resource.js';
import { LockKey } from './locks.js';
import { event, operation } from './operation.js';
import { RunKind, RunOrigin, StartRun } from './start-run.js';
import { Repository, Target, VcsType } from './targets.js';

const base58 = '[1-9A-HJ-NP-Za-km-z]';
export const RunId = z
  .string()
  .regex(new RegExp(`^run-${base58}{16}$`), 'not a run id')
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;
export const ExecutionId = z
  .string()
  .regex(new RegExp(`^exe-${base58}{16}$`), 'not an execution id')
  .brand<'ExecutionId'>();
export type ExecutionId = z.infer<typeof ExecutionId>;

export const RunStatus = z.enum(['received', 'resolving', 'running', 'finished']).meta({ id: 'RunStatus' });
export type RunStatus = z.infer<typeof RunStatus>;

export const RunOutcome = z.enum(['success', 'partial', 'failed', 'canceled']).meta({ id: 'RunOutcome' });
export type RunOutcome = z.infer<typeof RunOutcome>;

export const ExecutionState = z
  .enum([
    'queued',
    'leased',
    'preparing',
    'planning',
    'planned',
    'no_changes',
    'plan_failed',
    'apply_queued',
    'apply_intent',
    'applying',
    'applied',
    'apply_failed',
    'outcome_unknown',
    'canceled',
  ])
  .meta({ id: 'ExecutionState' });
export type ExecutionState = z.infer<typeof ExecutionState>;

/** Counts from Terraform's plan JSON; `summary` is Terraform's own sentence. */
export const PlanSummary = z
  .object({
    toAdd: z.int().nonnegative(),
    toChange: z.int().nonnegative(),
    toDestroy: z.int().nonnegative(),
    toImport: z.int().nonnegative(),
    changesOutside: z.boolean(),
    summary: z.string(),
  })
  .meta({ id: 'PlanSummary' });
export type PlanSummary = z.infer<typeof PlanSummary>;

const Timestamp = z.iso.datetime({ offset: true });

export const Execution = z
  .object({
    id: ExecutionId,
    target: Target,
    executionOrderGroup: z.int(),
    dependsOn: z.array(z.string()),
    state: ExecutionState,
    /** Why it is not running: what it waits for. Null once it runs. */
    waitingFor: z.string().nullable(),
    cancelRequestedAt: Timestamp.nullable(),
    plan: PlanSummary.nullable(),
    /** The first 300 characters of what went wrong; the whole text comes from `runs.results`. */
    problem: z.string().nullable(),
    /** How often it was leased: 1 unless a worker was lost. */
    epoch: z.int().nonnegative(),
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Execution' });
export type Execution = z.infer<typeof Execution>;

/** Why a run ended before its targets were known: an ErrorCode, or `REF_MOVED` (see `expectedCommit` of StartRun). */
export const RunError = z.object({ code: z.string(), message: z.string() }).meta({ id: 'RunError' });
export type RunError = z.infer<typeof RunError>;

export const RunSummary = z
  .object({
    id: RunId,
    kind: RunKind,
    status: RunStatus,
    outcome: RunOutcome.nullable(),
    origin: RunOrigin,
    type: VcsType,
    hostname: Repository.shape.hostname,
    repository: Repository.shape.repository,
    ref: z.string(),
    pull: z.int().positive().nullable(),
    /** The commit that was checked out; null until the run is resolved. */
    commit: z.string().nullable(),
    error: RunError.nullable(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
    cancelRequestedAt: Timestamp.nullable(),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;

/** A name or a path of the request that fits no target; the other one is empty. */
export const Misfit = z
  .object({ project: z.string(), directory: z.string(), workspace: z.string(), reason: z.string() })
  .meta({ id: 'Misfit' });
export type Misfit = z.infer<typeof Misfit>;

export const Run = RunSummary.extend({
  executions: z.array(Execution),
  /** See `misfits` of StartRun. */
  leftOut: z.array(Misfit).default([]),
}).meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

export const LogLine = z
  .object({
    /** Counts from 1 over the whole run, without gaps. */
    number: z.int().positive(),
    at: Timestamp,
    /** Null for lines about the run itself. */
    executionId: z.string().nullable(),
    text: z.string(),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof LogLine>;

/**
 * Longest that one `wait` or `logs` call is held open, in ms; callers repeat it. Short, because a caller learns of a dead
 * responder only by its silence.
 */
export const maxWaitMs = 5_000;
const WaitMs = z.int().min(0).max(maxWaitMs).default(0);
const longPollTimeoutMs = maxWaitMs + 3_000;

export const ResultPart = z.enum(['plan_output', 'apply_output', 'error', 'failure']);
export type ResultPart = z.infer<typeof ResultPart>;

export const runs = {
  /** Accepts a run: when it answers, the run is on disk. INVALID, FORBIDDEN (allowlist), CONFLICT (idempotency key). */
  start: operation({
    subject: 'runs.start',
    input: StartRun,
    output: z.object({ runId: RunId, replayed: z.boolean() }),
  }),
  /** NOT_FOUND. */
  get: operation({ subject: 'runs.get', input: z.object({ runId: RunId }), output: Run, idempotent: true }),
  /** Newest first. `after` is `next` of the page before. */
  list: operation({
    subject: 'runs.list',
    input: z.object({
      repository: z.string().max(512).nullable().default(null),
      status: RunStatus.nullable().default(null),
      after: z.string().max(255).nullable().default(null),
      limit: z.int().min(1).max(100).default(20),
    }),
    output: z.object({ runs: z.array(RunSummary), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** Answers when the run is finished or `waitMs` is over, whichever is first: look at `status`. */
  wait: operation({
    subject: 'runs.wait',
    input: z.object({ runId: RunId, waitMs: WaitMs }),
    output: RunSummary,
    timeoutMs: longPollTimeoutMs,
    idempotent: true,
  }),
  /** Asks a run to stop. Nothing happens when it is finished. */
  cancel: operation({
    subject: 'runs.cancel',
    input: z.object({ runId: RunId }),
    output: RunSummary,
    idempotent: true,
  }),
  /**
   * Lines after number `after`; waits up to `waitMs` for the first. `finished` is true when no further line will come.
   */
  logs: operation({
    subject: 'runs.logs',
    input: z.object({
      runId: RunId,
      after: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(2000).default(500),
      waitMs: WaitMs,
    }),
    output: z.object({ lines: z.array(LogLine), finished: z.boolean() }),
    timeoutMs: longPollTimeoutMs,
    idempotent: true,
  }),
  /**
   * The texts of a run's executions, in execution order, in pieces that fit a message. Pieces of the same execution and
   * part are to be joined. `next` is null at the end.
   */
  results: operation({
    subject: 'runs.results',
    input: z.object({ runId: RunId, cursor: z.string().max(255).nullable().default(null) }),
    output: z.object({
      pieces: z.array(z.object({ executionId: ExecutionId, part: ResultPart, text: z.string() })),
      next: z.string().nullable(),
    }),
    idempotent: true,
  }),
  /**
   * What the plans of a run would change and what they found changed, per execution, in execution order, as many as fit a
   * message. An execution that has no plan, or whose plan has neither, is left out. `next` is null at the end. NOT_FOUND.
   */
  drift: operation({
    subject: 'runs.drift',
    input: z.object({ runId: RunId, cursor: z.string().max(255).nullable().default(null) }),
    output: z.object({
      executions: z.array(
        z.object({
          executionId: ExecutionId,
          /** There is more than is kept: resources, attributes of one, or altogether. */
          truncated: z.boolean(),
          changes: z.array(DriftedResource),
        }),
      ),
      next: z.string().nullable(),
    }),
    idempotent: true,
  }),
  /**
   * Finished runs without a pull request, the one that finished first first; `after` is `next` of the page before. A run
   * may turn up some seconds after others that finished later: who sweeps begins a little before the end of the last sweep.
   */
  listFinished: operation({
    subject: 'runs.list-finished',
    input: z.object({
      since: Timestamp,
      after: z.string().max(255).nullable().default(null),
      limit: z.int().min(1).max(100).default(100),
    }),
    output: z.object({ runs: z.array(RunSummary), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** How many runs are not finished. */
  countInProgress: operation({
    subject: 'runs.count-in-progress',
    input: z.object({}),
    output: z.object({ inProgress: z.int().nonnegative() }),
    idempotent: true,
  }),
  /**
   * Which locks these runs still need; for the sweeper of apps/locks. `unknown` is a run that does not exist,
   * `needed` is empty when the run is over and every outcome is known.
   */
  neededLocks: operation({
    subject: 'runs.needed-locks',
    input: z.object({ runIds: z.array(z.string()).min(1).max(200) }),
    output: z.object({
      runs: z.array(
        z.discriminatedUnion('state', [
          z.object({ runId: z.string(), state: z.literal('unknown') }),
          /** Resolving: it may ask for any key. */
          z.object({ runId: z.string(), state: z.literal('live') }),
          z.object({ runId: z.string(), state: z.literal('finished'), needed: z.array(LockKey) }),
        ]),
      ),
    }),
    idempotent: true,
  }),
};

export const runEvents = {
  /** A doorbell: there may be a run to resolve, or an execution to claim. */
  queued: event({
    subject: 'event.runs.queued',
    payload: z.object({ what: z.enum(['run', 'execution']) }),
    delivery: 'every-instance',
  }),
  /**
   * A doorbell: this run has new log lines or a new state. `cancel`: its workers are to look for a cancel request;
   * `finished`: what it left on hosts may go.
   */
  activity: event({
    subject: 'event.runs.activity',
    payload: z.object({ runId: z.string(), news: z.enum(['progress', 'cancel', 'finished']).default('progress') }),
    delivery: 'every-instance',
  }),
  /** A run ended. At least once; drop repeats by `eventId`. */
  finished: event({
    subject: 'event.runs.finished',
    payload: z.object({
      eventId: z.uuid(),
      runId: RunId,
      kind: RunKind,
      outcome: RunOutcome,
      pull: z.int().nullable(),
    }),
    delivery: 'one-per-service',
  }),
};
