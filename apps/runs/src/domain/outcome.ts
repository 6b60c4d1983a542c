// How a run ended, from how its executions ended.
import type { ExecutionState, RunKind, RunOutcome } from '@terramesh/contracts';

export type ExecutionVerdict = 'unfinished' | 'succeeded' | 'failed' | 'canceled';

/** What a state means for a run of this kind: to stop at `planned` is what a plan is for, and never an apply's success. */
export function executionVerdict(kind: RunKind, state: ExecutionState): ExecutionVerdict {
  switch (state) {
    case 'queued':
    case 'leased':
    case 'preparing':
    case 'planning':
    case 'apply_queued':
    case 'apply_intent':
    case 'applying':
      return 'unfinished';
    case 'planned':
      return kind === 'plan' ? 'succeeded' : 'failed';
    case 'no_changes':
      return 'succeeded';
    case 'applied':
      return kind === 'apply' ? 'succeeded' : 'failed';
    case 'plan_failed':
    case 'apply_failed':
    case 'outcome_unknown':
      return 'failed';
    case 'canceled':
      return 'canceled';
    default:
      return state satisfies never;
  }
}

/**
 * The outcome of a run whose executions are all finished; throws while one is not. No executions is a success
 * (Atlantis: zero commands). `outcome_unknown` is never a success.
 */
export function runOutcome(kind: RunKind, states: readonly ExecutionState[]): RunOutcome {
  const verdicts = new Set(states.map((state) => executionVerdict(kind, state)));
  if (verdicts.has('unfinished')) throw new Error('a run has no outcome while one of its executions is unfinished');
  if (verdicts.has('failed')) return verdicts.has('succeeded') ? 'partial' : 'failed';
  return verdicts.has('canceled') ? 'canceled' : 'success';
}
