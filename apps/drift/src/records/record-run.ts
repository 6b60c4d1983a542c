// A finished run without a pull request → records, history, what people are told, and what follows. Once for each run.
import { Injectable } from '@nestjs/common';
import { isAppError, type Run, RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { concludeDetection } from '../detections/conclude-detection.js';
import { rulesFor } from '../noise/ignore-rules.js';
import { quietOf } from '../noise/news.js';
import { type DetectionRow, isWatched, lockDetectionOfRun, saveConclusion } from '../persistence/detections.js';
import { allRules } from '../persistence/ignore-rules.js';
import { lockRef, noteRefHealth, noteRun, type RecordedRef } from '../persistence/records.js';
import type { Transaction } from '../persistence/transaction.js';
import { judgeBreaker } from '../remediations/judge-breaker.js';
import { planRemediation } from '../remediations/plan-remediation.js';
import { cut } from './cut.js';
import { type DriftOfExecution, type Observation, observationsOf } from './observation.js';
import { type Recorded, recordLooks } from './record-looks.js';
import { shortRef } from './short-ref.js';
import { type RefNews, tellNews } from './tell-news.js';
import { unseenTargets } from './unseen-targets.js';

/** `unknown`: there is no such run. `recorded`: now, or before. */
export type RecordOutcome = 'recorded' | 'unfinished' | 'of a pull request' | 'unknown';

const maxErrorLength = 500;

@Injectable()
export class RecordRun {
  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
  ) {}

  /** Rejects with AppError when `runs` or the database is away: then it is to be called again. */
  async record(runId: string): Promise<RecordOutcome> {
    const run = await this.find(runId);
    if (run === undefined) return 'unknown';
    if (run.pull !== null) return 'of a pull request';
    if (run.status !== 'finished') return 'unfinished';
    const driftOf = await this.readDrift(run);
    await this.context.transaction((tx) => this.write(tx, run, observationsOf(run, driftOf)));
    return 'recorded';
  }

  private async find(runId: string): Promise<Run | undefined> {
    try {
      return await this.mesh.call(runs.get, { runId: RunId.parse(runId) });
    } catch (error) {
      if (isAppError(error) && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** Nothing is asked for a run whose plans changed nothing. */
  private async readDrift(run: Run): Promise<(executionId: string) => DriftOfExecution | undefined> {
    const drift = new Map<string, DriftOfExecution>();
    const mayHaveSome = run.executions.some(({ state, plan }) => plan !== null && state !== 'applied');
    if (!mayHaveSome) return () => undefined;
    let cursor: string | null = null;
    do {
      const page: { executions: (DriftOfExecution & { executionId: string })[]; next: string | null } =
        await this.mesh.call(runs.drift, { runId: run.id, cursor });
      for (const { executionId, changes, truncated } of page.executions) drift.set(executionId, { changes, truncated });
      cursor = page.next;
    } while (cursor !== null);
    return (executionId) => drift.get(executionId);
  }

  private async write(tx: Transaction, run: Run, seen: readonly Observation[]): Promise<void> {
    const { type, hostname, repository } = run;
    const ref: RecordedRef = { type, hostname, repository, ref: shortRef(run.ref) };
    await lockRef(tx, ref);
    const isNew = await noteRun(tx, run.id);
    const detection = await lockDetectionOfRun(tx, run.id);
    const isAwaited = detection !== undefined && detection.completed_at === null;
    if (!isNew && !isAwaited) return;

    const now = new Date();
    const failure = failureOf(run);
    const unseen = failure && detection ? await unseenTargets(tx, ref, detection, failure) : [];
    const recorded = await recordLooks(tx, {
      ref,
      run,
      observations: [...seen, ...unseen],
      rules: rulesFor(await allRules(tx), run, now),
      everyTarget: everyTargetOf(run, detection),
    });
    // A plan that somebody made of a branch is on record, and nobody's news, as long as nobody watches the branch.
    const isFirstLook = !(await isWatched(tx, ref));
    if (detection === undefined && isFirstLook) return;
    const refNews = await this.noteRef(tx, ref, { run, detection, failure });
    const breaker = await judgeBreaker(
      tx,
      { ...countsOf(recorded, now, isFirstLook), ...aboutRun(run, ref, detection) },
      this.context,
    );
    const told = { ref, run, detectionId: detection?.id ?? null, recorded, breaker, now };
    await tellNews(tx, told, refNews);
    if (detection === undefined || !isAwaited) return;
    await saveConclusion(tx, detection.id, concludeDetection(run, seen, failure));
    if (detection.follow_up !== 'nothing' && breaker === 'closed' && run.commit !== null) {
      await this.followUp(tx, { ...detection, follow_up: detection.follow_up }, { ref, run, recorded, now });
    }
  }

  /** A failure of the whole ref is news even where no target is known yet. */
  private async noteRef(
    tx: Transaction,
    ref: RecordedRef,
    { run, detection, failure }: { run: Run; detection: DetectionRow | undefined; failure: Failure | undefined },
  ): Promise<RefNews | undefined> {
    if (failure === undefined) {
      if (run.executions.length === 0) return undefined;
      return (await noteRefHealth(tx, ref, null)) ? { check: 'recovered', reason: '' } : undefined;
    }
    if (detection === undefined) return undefined;
    return (await noteRefHealth(tx, ref, failure)) ? { check: 'failed', reason: failure.error } : undefined;
  }

  /** Puts right what drifted, except what somebody wants to be left alone. */
  private async followUp(
    tx: Transaction,
    detection: DetectionRow & { follow_up: 'plan' | 'apply' },
    { ref, run, recorded, now }: { ref: RecordedRef; run: Run; recorded: readonly Recorded[]; now: Date },
  ): Promise<void> {
    const targets = recorded
      .filter(({ look, record }) => look?.kind === 'checked' && record.state.rawFingerprint !== null)
      .filter(({ record }) => quietOf({ ...record, ...record.state }, now) === null)
      .map(({ record: { target, state } }) => {
        return { ...target, drift: state.counts, commit: state.commit, checkedAt: state.lastCheckedAt };
      });
    const { id, follow_up: followUp } = detection;
    const finished = { ...ref, id, runId: run.id, commit: run.commit, followUp };
    await planRemediation(tx, { detection: finished, targets }, this.context);
  }
}

interface Failure {
  readonly error: string;
  readonly at: Date;
}

/** Undefined when the targets of the run became known. */
function failureOf(run: Run): Failure | undefined {
  if (run.executions.length > 0 || run.outcome === 'success') return undefined;
  const at = new Date(run.finishedAt ?? run.createdAt);
  const reason = run.error?.message ?? (run.outcome === 'canceled' ? 'its run was canceled' : 'its run failed');
  return { error: cut(reason, maxErrorLength), at };
}

function everyTargetOf(run: Run, detection: DetectionRow | undefined): { from: Date; until: Date } | undefined {
  if (detection === undefined || failureOf(run) !== undefined) return undefined;
  if (detection.projects.length + detection.paths.length > 0) return undefined;
  return { from: new Date(run.startedAt ?? run.createdAt), until: new Date(run.finishedAt ?? run.createdAt) };
}

function aboutRun(run: Run, { hostname, repository, ref }: RecordedRef, detection: DetectionRow | undefined) {
  return { runId: run.id, detectionId: detection?.id ?? null, hostname, repository, ref };
}

/** What nobody wants to hear of does not open the breaker either. All that the first detection of a ref finds is new. */
function countsOf(recorded: readonly Recorded[], now: Date, isFirstLook: boolean) {
  const checked = recorded.filter(({ look }) => look !== undefined && look.kind !== 'failed');
  const drifted = checked.filter(({ record }) => record.state.rawFingerprint !== null);
  const loud = drifted.filter(({ record }) => quietOf({ ...record, ...record.state }, now) === null);
  const newly = loud.filter(({ record, before }) => {
    return isFirstLook || (record.state !== before && record.state.status === 'new');
  });
  return { checked: checked.length, drifted: drifted.length, newlyDrifted: newly.length };
}
