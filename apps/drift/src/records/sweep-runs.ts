// Finds the finished runs whose event never came: events only hurry things.
import { Injectable } from '@nestjs/common';
import { type HandlerResult, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { beginSweep, deleteOld, endSweep, unrecorded } from '../persistence/sweeps.js';
import { RecordRun } from './record-run.js';

export const sweepIntervalMs = 10_000;
/** A run may turn up so late after others that finished later. */
const overlapMs = 10 * 60_000;
const pageSize = 100;

/** Of one run, with as many sweeps. */
const maxAttempts = 1_000;

const housekeepingIntervalMs = 60_000;
/** Much longer than any overlap or late event. */
const runDays = 14;
/** Of each ref, beside those of the last 24 hours that somebody may ask for by their key. */
const detectionsOfRef = 500;
const deletedAtOnce = 1_000;

@Injectable()
export class SweepRuns {
  private readonly attempts = new Map<string, number>();

  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
    private readonly recordRun: RecordRun,
  ) {}

  /** One replica does it in each interval. Runs that another one records meanwhile are recorded once all the same. */
  async sweep(stopping: AbortSignal): Promise<'more' | 'done'> {
    const sweptUntil = await beginSweep(this.context.manager, 'finished-runs', sweepIntervalMs * 0.8);
    if (sweptUntil === undefined) return 'done';
    const since = new Date(sweptUntil.getTime() - overlapMs).toISOString();
    let after: string | null = null;
    let isComplete = true;
    do {
      const page: HandlerResult<typeof runs.listFinished> = await this.mesh.call(runs.listFinished, {
        since,
        after,
        limit: pageSize,
      });
      for (const runId of await unrecorded(
        this.context.manager,
        page.runs.map(({ id }) => id),
      )) {
        if (stopping.aborted) return 'done';
        isComplete = (await this.isRecorded(runId)) && isComplete;
      }
      const last = page.runs.at(-1)?.finishedAt;
      if (last && isComplete) await endSweep(this.context.manager, 'finished-runs', new Date(last));
      after = page.next;
    } while (after !== null);
    return 'done';
  }

  async keepHouse(stopping: AbortSignal): Promise<void> {
    const turn = await beginSweep(this.context.manager, 'housekeeping', housekeepingIntervalMs * 0.8);
    if (turn === undefined) return;
    const recordDays = this.context.settings.driftRetentionDays;
    const keep = { recordDays, runDays, detectionsOfRef, limit: deletedAtOnce };
    while (!stopping.aborted && (await deleteOld(this.context.manager, keep)));
  }

  /** One that cannot be recorded does not hold up the others, but no sweep comes past it for some hours. */
  private async isRecorded(runId: string): Promise<boolean> {
    try {
      const isRecorded = (await this.recordRun.record(runId)) !== 'unfinished';
      if (isRecorded) this.attempts.delete(runId);
      return isRecorded;
    } catch (err) {
      const attempts = (this.attempts.get(runId) ?? 0) + 1;
      this.attempts.set(runId, attempts);
      const isGivenUp = attempts >= maxAttempts;
      if (isGivenUp) this.context.logger.error({ err, runId }, 'a finished run cannot be recorded');
      else this.context.logger.warn({ err, runId }, 'a finished run was not recorded; it is tried again');
      return isGivenUp;
    }
  }
}
