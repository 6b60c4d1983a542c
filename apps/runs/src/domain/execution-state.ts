// The state machine of an execution: one table. Nothing leads out of outcome_unknown.
import type { ExecutionState } from '@terramesh/contracts';

const transitions: Record<ExecutionState, readonly ExecutionState[]> = {
  queued: ['leased', 'plan_failed', 'canceled'],
  leased: ['preparing', 'planning', 'plan_failed', 'queued', 'canceled'],
  preparing: ['planning', 'plan_failed', 'queued', 'canceled'],
  planning: ['planned', 'no_changes', 'plan_failed', 'apply_queued', 'queued', 'canceled'],
  planned: [],
  no_changes: [],
  plan_failed: [],
  apply_queued: ['apply_intent', 'apply_failed', 'canceled'],
  // Back to apply_queued never: from here on nobody but its own worker knows whether Terraform was started.
  apply_intent: ['applying', 'apply_failed', 'outcome_unknown', 'canceled'],
  applying: ['applied', 'apply_failed', 'outcome_unknown'],
  applied: [],
  apply_failed: [],
  outcome_unknown: [],
  canceled: [],
};

export function isTerminal(state: ExecutionState): boolean {
  return transitions[state].length === 0;
}

export function canChange(from: ExecutionState, to: ExecutionState): boolean {
  return transitions[from].includes(to);
}

export const terminalStates = (Object.keys(transitions) as ExecutionState[]).filter(isTerminal);

/** What becomes of an execution whose worker is gone. */
export function afterLostWorker(state: ExecutionState): 'requeue' | 'unlease' | 'outcome_unknown' | 'nothing' {
  switch (state) {
    case 'leased':
    case 'preparing':
    case 'planning':
      return 'requeue';
    case 'apply_queued':
      return 'unlease';
    case 'apply_intent':
    case 'applying':
      return 'outcome_unknown';
    case 'queued':
    case 'planned':
    case 'no_changes':
    case 'plan_failed':
    case 'applied':
    case 'apply_failed':
    case 'outcome_unknown':
    case 'canceled':
      return 'nothing';
  }
}
