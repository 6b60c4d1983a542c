// Served by apps/runs: runs as one target sees them. A run of several targets is one entry for each of them.
import { z } from 'zod';
import { operation } from './operation.js';
import { ExecutionId, ExecutionState, PlanSummary, RunId } from './runs.js';
import { RunKind } from './start-run.js';
import { Repository, Target } from './targets.js';
import { PageRequest } from './tfe/page.js';

/** A root module in one Terraform workspace, whatever name atlantis.yaml gives it there: what shares one state. */
export const TargetPlace = Repository.extend(Target.omit({ name: true }).shape).meta({ id: 'TargetPlace' });
export type TargetPlace = z.infer<typeof TargetPlace>;

/** The most places that one call asks about. */
export const maxPlaces = 100;

const Timestamp = z.iso.datetime({ offset: true });

/** What a run does on one target. */
export const TargetRun = z
  .object({
    /** Its run's own id when the run has this one target; else `run-` and the letters of its execution's id. */
    id: RunId,
    runId: RunId,
    executionId: ExecutionId,
    place: TargetPlace,
    kind: RunKind,
    state: ExecutionState,
    ref: z.string(),
    pull: z.int().positive().nullable(),
    commit: z.string().nullable(),
    user: z.string(),
    waitingFor: z.string().nullable(),
    plan: PlanSummary.nullable(),
    /** The first 300 characters of what went wrong. */
    problem: z.string().nullable(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
    cancelRequestedAt: Timestamp.nullable(),
  })
  .meta({ id: 'TargetRun' });
export type TargetRun = z.infer<typeof TargetRun>;

export const targetRuns = {
  /** The latest run of each place, in the order of `places`; null for one that has none. */
  latest: operation({
    subject: 'runs.latest-of-targets',
    input: z.object({ places: z.array(TargetPlace).max(maxPlaces) }),
    output: z.object({ latest: z.array(TargetRun.nullable()) }),
    idempotent: true,
  }),
  /** What is known of a place beside its runs. */
  traces: operation({
    subject: 'runs.traces-of-target',
    input: z.object({ place: TargetPlace }),
    output: z.object({
      /** A run of it is not over. */
      isBusy: z.boolean(),
      /** Something was applied, or its Terraform state is kept here: resources may exist. */
      mayManage: z.boolean(),
    }),
    idempotent: true,
  }),
  /** Newest first. */
  list: operation({
    subject: 'runs.list-of-target',
    input: z.object({ place: TargetPlace, page: PageRequest }),
    output: z.object({ items: z.array(TargetRun), total: z.int().nonnegative() }),
    idempotent: true,
  }),
  /** By the id that `TargetRun` has. NOT_FOUND, also for the id of a run that has several targets. */
  get: operation({
    subject: 'runs.get-of-target',
    input: z.object({ id: z.string().max(100) }),
    output: TargetRun,
    idempotent: true,
  }),
};
