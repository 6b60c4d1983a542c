// What a finished run says of its targets. Pure.
import type { DriftCounts, DriftedResource, Execution, PlanSummary, Run, Target } from '@terramesh/contracts';
import { cut } from './cut.js';

interface Seen {
  readonly target: Target;
  readonly at: Date;
}

/** `failed`: it could not be looked at, which says nothing of drift. */
export type Observation =
  | (Seen & {
      readonly kind: 'checked' | 'applied';
      readonly counts: DriftCounts;
      readonly changes: readonly DriftedResource[];
      readonly truncated: boolean;
    })
  | (Seen & { readonly kind: 'failed'; readonly error: string });

export interface DriftOfExecution {
  readonly changes: readonly DriftedResource[];
  readonly truncated: boolean;
}

const maxErrorLength = 500;
const maxSummaryLength = 1_000;

/**
 * One for each target that was looked at or could not be, in the order of the run; a canceled target says nothing.
 * `driftOf` is what `runs.drift` has for an execution.
 */
export function observationsOf(
  run: Run,
  driftOf: (executionId: string) => DriftOfExecution | undefined,
): readonly Observation[] {
  return run.executions.flatMap((execution) => observationOf(run, execution, driftOf(execution.id)) ?? []);
}

function observationOf(run: Run, execution: Execution, drift: DriftOfExecution | undefined): Observation | undefined {
  const { target, state, plan } = execution;
  const seen = { target, at: new Date(execution.finishedAt ?? run.finishedAt ?? run.createdAt) };
  if (state === 'canceled') return undefined;
  if (state === 'applied' && plan !== null) return { ...seen, kind: 'applied', counts: applied(plan), ...nothing };
  // The plan of an apply that went past a limit is as good as any other.
  const isChecked = state === 'planned' || state === 'no_changes' || state === 'plan_failed';
  if (isChecked && plan !== null) return { ...seen, kind: 'checked', counts: countsOf(plan), ...(drift ?? nothing) };
  return { ...seen, kind: 'failed', error: failureOf(execution) };
}

const nothing: DriftOfExecution = { changes: [], truncated: false };

/** Drift is what an apply would do. What was done outside is shown, and is drift once it makes an apply do something. */
export function countsOf(plan: PlanSummary): DriftCounts {
  const hasDrift = plan.toAdd + plan.toChange + plan.toDestroy + plan.toImport > 0;
  return { ...plan, summary: cut(plan.summary, maxSummaryLength), hasDrift };
}

function applied(plan: PlanSummary): DriftCounts {
  const none = { toAdd: 0, toChange: 0, toDestroy: 0, toImport: 0, changesOutside: false, hasDrift: false };
  return { ...none, summary: cut(`Applied. ${plan.summary}`, maxSummaryLength) };
}

function failureOf({ state, problem }: Execution): string {
  const what: Partial<Record<Execution['state'], string>> = {
    apply_failed: 'the apply failed',
    outcome_unknown: 'nobody knows how the apply ended',
  };
  const text = [what[state], problem].filter((part) => part !== undefined && part !== null && part !== '').join(': ');
  return cut(text === '' ? `it ended as ${state}` : text, maxErrorLength);
}
