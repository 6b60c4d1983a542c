// Deletes what is past its time, so that nothing grows for ever.
import { Injectable } from '@nestjs/common';
import { RunsContext } from '../context.js';
import { deleteOldBundles } from '../persistence/bundle.repository.js';
import { deletedAtOnce, deleteOldRuns } from '../persistence/run.repository.js';

const intervalMs = 3_600_000;
const maxRounds = 100;

@Injectable()
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();

  constructor(private readonly context: RunsContext) {}

  start(): void {
    this.timer = setInterval(() => {
      this.current = this.clean().catch((error: unknown) => {
        this.context.logger.warn({ error: String(error) }, 'old runs were not deleted');
      });
    }, intervalMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.current;
  }

  /** Safe to run at any time and by several replicas. */
  async clean(): Promise<void> {
    const { planRetentionDays, runRetentionDays, driftRunRetentionDays } = this.context.settings;
    await deleteOldBundles(this.context.manager, planRetentionDays);
    await this.deleteRuns(runRetentionDays, 'any');
    await this.deleteRuns(driftRunRetentionDays, 'detections');
  }

  /** A few at a time; what is left after many rounds is for the next hour. */
  private async deleteRuns(olderThanDays: number, what: 'any' | 'detections'): Promise<void> {
    for (let round = 0; round < maxRounds; round += 1)
      if ((await deleteOldRuns(this.context.manager, olderThanDays, what)) < deletedAtOnce) return;
  }
}
