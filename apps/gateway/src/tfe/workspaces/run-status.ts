// The state of an execution in the words of a TFE run. What is no success here is none there.
import type { TargetRun } from '@terramesh/contracts';

export type TfeRunStatus =
  | 'pending'
  | 'plan_queued'
  | 'planning'
  | 'planned_and_finished'
  | 'apply_queued'
  | 'applying'
  | 'applied'
  | 'errored'
  | 'canceled';

export function runStatus({ kind, state, waitingFor }: Pick<TargetRun, 'kind' | 'state' | 'waitingFor'>): TfeRunStatus {
  switch (state) {
    case 'queued':
      return waitingFor === null ? 'plan_queued' : 'pending';
    case 'leased':
      return 'plan_queued';
    case 'preparing':
    case 'planning':
      return 'planning';
    case 'planned':
      // An apply that stopped after its plan did not do what it was for.
      return kind === 'plan' ? 'planned_and_finished' : 'errored';
    case 'no_changes':
      return 'planned_and_finished';
    case 'apply_queued':
      return 'apply_queued';
    case 'apply_intent':
    case 'applying':
      return 'applying';
    case 'applied':
      return 'applied';
    case 'plan_failed':
    case 'apply_failed':
    case 'outcome_unknown':
      return 'errored';
    case 'canceled':
      return 'canceled';
    default:
      return state satisfies never;
  }
}

const unknownOutcome =
  'The apply was lost and nobody knows how it ended: look at the state, or plan again, before anything else is applied.';

/** What the run is, and what went wrong. */
export function runMessage(run: Pick<TargetRun, 'kind' | 'state' | 'ref' | 'pull' | 'user' | 'problem'>): string {
  const of = run.pull === null ? '' : ` for pull request #${run.pull}`;
  const by = run.user === '' ? '' : ` by ${run.user}`;
  const what = `${run.kind === 'plan' ? 'Plan' : 'Apply'} of ${run.ref}${of}${by}`;
  const why = run.state === 'outcome_unknown' ? unknownOutcome : run.problem;
  return why === null || why === '' ? what : `${what}: ${why}`;
}
