// Sees a detection through to its end: one run, whose results are recorded. Every step may be done again.
import { Injectable } from '@nestjs/common';
import { isAppError, RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { claimUnfinished, type DetectionRow, linkRun, saveConclusion } from '../persistence/detections.js';
import { RecordRun } from '../records/record-run.js';

/** So long nobody else looks at a detection. */
const quietMs = 10_000;
const perRound = 20;
/** Well below the time for which `runs` knows an idempotency key. */
const giveUpMs = 12 * 3_600_000;

@Injectable()
export class FollowDetection {
  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
    private readonly recordRun: RecordRun,
  ) {}

  /** For detections that wait for something longer than usual. */
  async followSome(stopping: AbortSignal): Promise<'more' | 'done'> {
    const rows = await claimUnfinished(this.context.manager, { limit: perRound, quietMs });
    for (const row of rows) {
      if (stopping.aborted) return 'done';
      await this.followOrLeave(row);
    }
    return rows.length === perRound ? 'more' : 'done';
  }

  /**
   * The id of its run; null when there will be none, and the detection has failed. Rejects with AppError when `runs` is
   * away: then it is to be called again.
   */
  async startRun(row: DetectionRow): Promise<string | null> {
    const { type, repository, ref, projects, paths } = row;
    const everyTarget = projects.length + paths.length === 0;
    try {
      const { runId } = await this.mesh.call(runs.start, {
        kind: 'plan',
        type,
        repository,
        ref,
        projects,
        paths,
        everyTarget,
        misfits: 'leave_out',
        origin: 'drift',
        user: row.user_name,
        idempotencyKey: `detection:${row.id}`,
      });
      const link = await this.context.transaction((tx) => linkRun(tx, row.id, runId));
      if (link === 'recorded') await this.recordRun.record(runId);
      return runId;
    } catch (error) {
      if (!isAppError(error) || error.retryable || error.code === 'INTERNAL') throw error;
      await this.fail(row, error.message);
      return null;
    }
  }

  /** One that cannot be followed now does not hold up the others. */
  private async followOrLeave(row: DetectionRow): Promise<void> {
    try {
      await this.follow(row);
    } catch (err) {
      this.context.logger.warn({ err, detectionId: row.id }, 'a detection is followed later');
      if (isOverdue(row) && !(isAppError(err) && err.retryable)) await this.giveUp(row);
    }
  }

  /** Or it would keep its schedule from looking again for ever. */
  private async giveUp(row: DetectionRow): Promise<void> {
    try {
      await this.fail(row, `what run ${row.run_id} found could not be recorded`);
    } catch (err) {
      this.context.logger.warn({ err, detectionId: row.id }, 'the end of a detection is noted later');
    }
  }

  private async follow(row: DetectionRow): Promise<void> {
    if (row.run_id !== null) return await this.followRun(row, row.run_id);
    if (isOverdue(row)) return await this.fail(row, 'its run could not be started in time');
    await this.startRun(row);
  }

  private async followRun(row: DetectionRow, runId: string): Promise<void> {
    try {
      const { status } = await this.mesh.call(runs.wait, { runId: RunId.parse(runId), waitMs: 0 });
      if (status === 'finished') await this.recordRun.record(runId);
    } catch (error) {
      if (!isAppError(error) || error.code !== 'NOT_FOUND') throw error;
      await this.fail(row, `its run ${runId} no longer exists`);
    }
  }

  private async fail({ id }: DetectionRow, error: string): Promise<void> {
    await this.context.transaction((tx) =>
      saveConclusion(tx, id, { status: 'failed', commit: null, error, targets: [] }),
    );
  }
}

function isOverdue({ started_at: startedAt }: DetectionRow): boolean {
  return startedAt.getTime() + giveUpMs < Date.now();
}
