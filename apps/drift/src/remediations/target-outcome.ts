// What a finished run means for each target of a remediation. Pure; nothing here turns an unknown outcome into success.
import type { DriftCounts, Execution, Run } from '@terramesh/contracts';
import { countsOf } from '../records/observation.js';

export interface ExecutionTexts {
  readonly plan_output: string;
  readonly apply_output: string;
  readonly error: string;
  readonly failure: string;
}

/** How one target ended; texts that are empty were not written. */
export interface TargetOutcome {
  readonly status: 'success' | 'failed';
  readonly planOutput: string;
  readonly applyOutput: string;
  readonly error: string;
  readonly driftAfter: DriftCounts | null;
  /** `unknown`: nobody knows what the apply changed. */
  readonly applied: 'yes' | 'no' | 'unknown';
}

export function outcomeOf(
  run: Pick<Run, 'id' | 'kind'>,
  execution: Pick<Execution, 'state' | 'plan' | 'problem'>,
  texts: ExecutionTexts,
): TargetOutcome {
  const shared = { planOutput: texts.plan_output, applyOutput: texts.apply_output, error: '', driftAfter: null };
  const { state } = execution;
  if (state === 'no_changes' || (state === 'planned' && run.kind === 'plan')) {
    return { ...shared, status: 'success', driftAfter: execution.plan && countsOf(execution.plan), applied: 'no' };
  }
  if (state === 'applied' && run.kind === 'apply') {
    return { ...shared, status: 'success', driftAfter: afterApply, applied: 'yes' };
  }
  return {
    ...shared,
    status: 'failed',
    error: problemOf(run, execution, texts),
    applied: appliedAs[state] ?? 'no',
  };
}

const appliedAs: Partial<Record<Execution['state'], TargetOutcome['applied']>> = {
  applied: 'yes',
  outcome_unknown: 'unknown',
};
const none = { toAdd: 0, toChange: 0, toDestroy: 0, toImport: 0, changesOutside: false };
const afterApply: DriftCounts = { ...none, hasDrift: false, summary: 'Apply completed successfully' };

function problemOf(
  run: Pick<Run, 'id' | 'kind'>,
  { state, problem }: Pick<Execution, 'state' | 'problem'>,
  { error, failure }: ExecutionTexts,
): string {
  switch (state) {
    case 'outcome_unknown':
      return [unknownOutcome(run.id), error || failure].filter(Boolean).join('\n\n');
    case 'canceled':
      return failure || `run ${run.id} was canceled before this project was through`;
    case 'plan_failed':
    case 'apply_failed':
      if (error === '' && failure !== '') return failure;
      return withCommand(state === 'plan_failed' ? 'plan' : 'apply', error || problem || `see run ${run.id}`);
    default:
      return failure || error || problem || `run ${run.id} ended while this project was ${state.replaceAll('_', ' ')}`;
  }
}

/** `terraform plan failed: …`, unless the text begins so by itself. */
function withCommand(command: 'plan' | 'apply', text: string): string {
  return /^(terraform|tofu) \w+ (failed|was|ran)\b/.test(text) ? text : `terraform ${command} failed: ${text}`;
}

function unknownOutcome(runId: string): string {
  return [
    `the outcome of this apply is unknown: the worker of run ${runId} was lost after terraform apply had started.`,
    'It may have happened wholly, in part or not at all; it is not repeated, and its lock is kept.',
    'A person must look: plan the project again to see what is left to do.',
  ].join(' ');
}

/** The status of a whole remediation; nothing to do is a success (Atlantis: RemediationResult.Complete). */
export function overallStatus(outcomes: readonly { status: 'success' | 'failed' }[]): 'success' | 'partial' | 'failed' {
  const failed = outcomes.filter(({ status }) => status === 'failed').length;
  if (failed === 0) return 'success';
  return failed === outcomes.length ? 'failed' : 'partial';
}

/** Short enough to be kept. */
export function boundText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = text.slice(0, maxChars).replace(/[\ud800-\udbff]$/, '');
  return `${kept}\n… cut after ${maxChars} characters; all of it is with the run, as long as that is kept`;
}
