// running → success, partial or failed: takes over what the run of a remediation came to, when it is finished.
import { Injectable } from '@nestjs/common';
import { type Execution, isAppError, type Misfit, type Run, type RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { type LiveTarget, listLiveTargets, saveEnd } from '../persistence/remediation-targets.js';
import { type LiveRemediation, lockLive, postponeLook } from '../persistence/remediations.js';
import { type Ending, FinishRemediation } from './finish-remediation.js';
import { matchExecutions } from './match-executions.js';
import { refMovedText } from './ref-guard.js';
import { RunTexts } from './run-texts.js';
import { targetLabel } from './target-key.js';
import { boundText, type ExecutionTexts, outcomeOf } from './target-outcome.js';

/** Of each kept text, in characters. */
const maxTextChars = 1024 * 1024;
/** Other replicas leave a remediation alone for so long after a sign of whoever is at it. */
const takeOverMs = 10_000;
const signEveryMs = 3_000;

@Injectable()
export class FollowRun {
  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
    private readonly finish: FinishRemediation,
  ) {}

  /** Nothing happens while the run goes on. */
  async look(remediation: LiveRemediation): Promise<void> {
    const runId = remediation.runId as RunId | null;
    if (runId === null) return;
    const run = await this.findRun(runId);
    if (run === undefined) return this.finish.failWhile(remediation.id, 'running', goneText(runId));
    if (run.status !== 'finished') return;
    await this.saveEnds(remediation.id, run);
    await this.context.transaction(async (tx) => {
      const locked = await lockLive(tx, remediation.id, ['running']);
      if (locked !== undefined) await this.finish.end(tx, locked, endingOf(run));
    });
  }

  private async findRun(runId: RunId): Promise<Run | undefined> {
    try {
      return await this.mesh.call(runs.get, { runId });
    } catch (error) {
      if (isAppError(error) && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** Writes how every execution ended, one at a time. Done again, it writes the same. */
  private async saveEnds(id: string, run: Run): Promise<void> {
    const targets = await listLiveTargets(this.context.manager, id);
    const known = targets.filter(({ part }) => part !== 'extra');
    const asked = known.filter(({ part }) => part === 'asked');
    const ordinals = new Map<string, number>();
    let extra = known.length;
    for (const { target, execution } of matchExecutions(asked, run.executions)) {
      if (execution !== undefined) ordinals.set(execution.id, target?.ordinal ?? extra++);
    }
    let signedAt = Number.NEGATIVE_INFINITY;
    const sign = async () => {
      if (performance.now() - signedAt < signEveryMs) return;
      signedAt = performance.now();
      await postponeLook(this.context.manager, id, takeOverMs);
    };
    const texts = new RunTexts((cursor) => this.mesh.call(runs.results, { runId: run.id, cursor }), maxTextChars);
    for (const execution of run.executions) {
      const ordinal = ordinals.get(execution.id);
      await sign();
      if (ordinal !== undefined) await this.save(id, ordinal, run, execution, await texts.of(execution.id));
    }
  }

  private async save(id: string, ordinal: number, run: Run, execution: Execution, texts: ExecutionTexts) {
    const outcome = outcomeOf(run, execution, texts);
    await saveEnd(this.context.manager, id, ordinal, {
      ...execution.target,
      ...outcome,
      planOutput: boundText(outcome.planOutput, maxTextChars),
      applyOutput: boundText(outcome.applyOutput, maxTextChars),
      error: boundText(outcome.error, maxTextChars),
    });
  }
}

/** Why the run has no execution for a target. */
function endingOf(run: Run): Ending {
  const { error } = run;
  if (error?.code === 'REF_MOVED') {
    const now = run.commit ?? null;
    const reasonFor = (target: LiveTarget) =>
      target.seenCommit === null ? error.message : refMovedText({ ...target, commit: target.seenCommit }, now);
    return { error: error.message, reasonFor };
  }
  if (error !== null) return { error: error.message, reasonFor: () => error.message };
  const canceled = `run ${run.id} was canceled before its projects were known`;
  if (run.outcome === 'canceled' && run.executions.length === 0) return { error: canceled, reasonFor: () => canceled };
  return {
    error: null,
    reasonFor: (target) => misfitOf(run, target)?.reason ?? `run ${run.id} has no project ${targetLabel(target)}`,
  };
}

function misfitOf({ leftOut }: Run, { name, directory, terraformWorkspace }: LiveTarget): Misfit | undefined {
  return leftOut.find((misfit) => {
    if (misfit.project !== '') return misfit.project === name;
    return name === '' && misfit.directory === directory && misfit.workspace === terraformWorkspace;
  });
}

function goneText(runId: string): string {
  return `run ${runId} is gone, and with it what it did: the outcome is unknown, a person must look`;
}
