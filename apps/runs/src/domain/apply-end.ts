// What an apply's end means. Only an exit code of 0 is a success; an end that nobody saw is an unknown outcome.
import type { ExecutionState } from '@terramesh/contracts';

export interface ProcessEnd {
  /** Null when nobody knows it. */
  readonly code: number | null;
  readonly endedBy: 'cancel' | 'timeout' | 'shutdown' | 'lost' | null;
}

export type ApplyEnd =
  | { readonly state: Extract<ExecutionState, 'applied'> }
  | {
      readonly state: Extract<ExecutionState, 'apply_failed' | 'outcome_unknown'>;
      readonly explanation: string;
    };

export function applyEnd({ code, endedBy }: ProcessEnd): ApplyEnd {
  // A cancel that came too late stopped nothing: Terraform says that all was applied.
  if (code === 0) return { state: 'applied' };
  if (code === null || code > 128)
    return {
      state: 'outcome_unknown',
      explanation: `terraform apply was killed${code === null ? '' : ` (exit code ${code})`}: it is not known what it changed`,
    };
  const why = { cancel: 'was canceled', timeout: 'ran out of time', shutdown: 'was stopped', lost: 'was stopped' };
  const after =
    endedBy === null ? '' : `; it ${why[endedBy]} and was interrupted, what it had changed until then is in its state`;
  return { state: 'apply_failed', explanation: `terraform apply failed: exit code ${code}${after}` };
}

/** For an execution whose worker vanished with its Terraform. */
export const lostApplyExplanation =
  'the worker of this apply was lost and nobody knows what it changed: plan the target again to see, or delete its lock once you know';
