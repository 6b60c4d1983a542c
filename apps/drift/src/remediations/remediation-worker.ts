// Carries live remediations on: any replica, one at a time each, from wherever whoever had it before was lost.
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { claimLooks, deleteOldRemediations, findLive, hurryRun } from '../persistence/remediations.js';
import { Polling } from '../polling.js';
import { BeginRun } from './begin-run.js';
import { FollowRun } from './follow-run.js';

const intervalMs = 500;
/** Between two looks at the same remediation; events of its run make it shorter. */
const lookAgainMs = 2_000;
const looksPerRound = 16;
const cleanUpEveryMs = 3_600_000;
const deletedPerRound = 200;

@Injectable()
export class RemediationWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly polling: Polling;
  private cleanedUpAt = 0;

  constructor(
    private readonly context: DriftContext,
    private readonly beginRun: BeginRun,
    private readonly followRun: FollowRun,
  ) {
    const { logger } = context;
    this.polling = new Polling({ name: 'remediation', intervalMs, logger, round: () => this.round() });
  }

  onApplicationBootstrap(): void {
    this.polling.onApplicationBootstrap();
  }

  onModuleDestroy(): Promise<void> {
    return this.polling.onModuleDestroy();
  }

  /** A doorbell: the run is over. */
  async hurry(runId: string): Promise<void> {
    await hurryRun(this.context.manager, runId);
  }

  private async round(): Promise<'more' | 'done'> {
    await this.cleanUp();
    const ids = await claimLooks(this.context.manager, looksPerRound, lookAgainMs);
    await Promise.all(ids.map((id) => this.look(id)));
    return ids.length === looksPerRound ? 'more' : 'done';
  }

  private async look(id: string): Promise<void> {
    try {
      const remediation = await findLive(this.context.manager, id);
      if (remediation?.status === 'pending') await this.beginRun.begin(id);
      if (remediation?.status === 'running') await this.followRun.look(remediation);
    } catch (err) {
      this.context.logger.warn({ err, id }, 'a remediation could not be carried on for now');
    }
  }

  private async cleanUp(): Promise<void> {
    if (Date.now() - this.cleanedUpAt < cleanUpEveryMs) return;
    this.cleanedUpAt = Date.now();
    const { manager, settings } = this.context;
    await deleteOldRemediations(manager, settings.driftRemediationRetentionDays, deletedPerRound);
  }
}
