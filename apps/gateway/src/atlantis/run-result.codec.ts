// A finished run → the body of POST /api/plan and /api/apply, target by target, so that no more than one is in memory.
import {
  type AtlantisProjectResult,
  atlantisCommands,
  type Execution,
  errorMeanings,
  type Run,
} from '@terramesh/contracts';
import { encodeGoJson } from './go-json.js';
import type { ExecutionTexts } from './run-texts.js';
import { lockName, lockPageUrl, targetFlags } from './target-links.js';

export interface ResultStyle {
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** First word of RePlanCmd and ApplyCmd. */
  readonly executableName: string;
}

/** Why a run has no result body: it ended before its targets were known. Undefined when it has one. */
export function earlyEndOf(run: Run): { httpStatus: number; message: string } | undefined {
  if (run.executions.length > 0 || run.outcome === 'success') return undefined;
  if (run.error !== null) return { httpStatus: httpStatusOf(run.error.code), message: run.error.message };
  if (run.outcome === 'canceled') {
    const { httpStatus } = errorMeanings.CONFLICT;
    return { httpStatus, message: `run ${run.id} was canceled before its projects were known` };
  }
  return { httpStatus: 500, message: `run ${run.id} ended before its projects were known` };
}

/** 200 when every target succeeded, else 500. */
export function runHttpStatus(run: Run): 200 | 500 {
  const allSucceeded = run.executions.every((execution) => hasSucceeded(run, execution));
  return run.outcome === 'success' && allSucceeded ? 200 : 500;
}

/** The body in pieces: valid JSON only when joined. `textsOf` is asked once per execution, in their order. */
export async function* encodeRunResult(
  run: Run,
  textsOf: (executionId: string) => Promise<ExecutionTexts>,
  style: ResultStyle,
): AsyncGenerator<string> {
  yield `{"Error":${encodeGoJson(run.error?.message ?? null)},"Failure":"","ProjectResults":[`;
  let separator = '';
  for (const execution of run.executions) {
    const result = encodeProjectResult(run, execution, await textsOf(execution.id), style);
    yield separator + encodeGoJson(result);
    separator = ',';
  }
  yield '],"PlansDeleted":false}\n';
}

/** One target; an apply run answers with its apply results only (Atlantis discards the plans, too). */
export function encodeProjectResult(
  run: Run,
  execution: Execution,
  texts: ExecutionTexts,
  style: ResultStyle,
): AtlantisProjectResult {
  const { target } = execution;
  const isSuccess = hasSucceeded(run, execution);
  const problem = isSuccess ? { Error: null, Failure: '' } : encodeProblem(run, execution, texts);
  return {
    Command: atlantisCommands[run.kind],
    RepoRelDir: target.directory,
    Workspace: target.terraformWorkspace,
    ...problem,
    PlanSuccess: isSuccess && run.kind === 'plan' ? encodePlanSuccess(run, execution, texts, style) : null,
    PolicyCheckSuccess: null,
    ApplySuccess: isSuccess && run.kind === 'apply' ? encodeApplySuccess(execution, texts) : '',
    VersionSuccess: '',
    ProjectName: target.name,
  };
}

function hasSucceeded(run: Run, { state }: Execution): boolean {
  if (state === 'no_changes') return true;
  return run.kind === 'plan' ? state === 'planned' : state === 'applied';
}

function encodePlanSuccess(run: Run, { target }: Execution, texts: ExecutionTexts, style: ResultStyle) {
  const flags = targetFlags(target);
  return {
    TerraformOutput: texts.plan_output,
    LockURL: lockPageUrl(style.publicUrl, lockName(run.repository, target)),
    RePlanCmd: `${style.executableName} plan ${flags}`,
    ApplyCmd: `${style.executableName} apply ${flags}`,
    HasDiverged: false,
  };
}

/** Never empty: clients take an empty ApplySuccess for a failure. */
function encodeApplySuccess(execution: Execution, texts: ExecutionTexts): string {
  if (execution.state === 'no_changes') {
    return texts.plan_output || execution.plan?.summary || 'No changes. There was nothing to apply.';
  }
  return texts.apply_output || 'Apply complete! Terraform printed nothing.';
}

function encodeProblem(
  run: Run,
  execution: Execution,
  texts: ExecutionTexts,
): { Error: string | null; Failure: string } {
  const reported = { Error: texts.error || null, Failure: texts.failure };
  const isExplained = reported.Error !== null || reported.Failure !== '';
  switch (execution.state) {
    case 'outcome_unknown':
      return { ...reported, Error: [unknownOutcome(run, execution), texts.error].filter(Boolean).join('\n\n') };
    case 'canceled':
      return { ...reported, Failure: texts.failure || `This project was canceled (run ${run.id}).` };
    case 'plan_failed':
    case 'apply_failed':
      return isExplained ? reported : { ...reported, Error: execution.problem ?? `${run.kind} failed (run ${run.id})` };
    default:
      return isExplained ? reported : { ...reported, Error: notExecuted(run, execution) };
  }
}

function unknownOutcome(run: Run, { target }: Execution): string {
  return [
    `The outcome of this apply is unknown: the worker of run ${run.id} was lost after terraform apply had started.`,
    'The apply may have happened wholly, in part or not at all. It is not repeated, and its lock is kept.',
    `Plan this project again (${targetFlags(target)}) to see what is left to do, or delete its lock.`,
  ].join(' ');
}

function notExecuted(run: Run, execution: Execution): string {
  return execution.problem ?? `Run ${run.id} ended while this project was ${execution.state.replaceAll('_', ' ')}.`;
}

function httpStatusOf(code: string): number {
  const known = Object.entries(errorMeanings).find(([name]) => name === code);
  return known?.[1].httpStatus ?? errorMeanings.INTERNAL.httpStatus;
}
