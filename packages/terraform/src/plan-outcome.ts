import type { Exit } from './child.js';

/** What `plan -detailed-exitcode` came to. `stopped`: a signal or we ended it, or its end is not known. */
export type PlanOutcome = 'no-changes' | 'changes' | 'failed' | 'stopped';

/** From the exit code alone, which is all that Terraform promises. */
export function planOutcome({ code, stoppedFor }: Exit): PlanOutcome {
  if (code === null || code > 128 || stoppedFor !== undefined) return 'stopped';
  return code === 0 ? 'no-changes' : code === 2 ? 'changes' : 'failed';
}
