// Carries live remediations on: any replica, one at a time each, from wherever whoever had it before was lost.
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { forgetApplied } from '../persistence/remediated-targets.js';
import {
  claimLooks,
  deleteOldRemediations,
  deleteSurplusRemediations,
  findLive,
  hurryRun,
} from '../persistence/remediations.js';
import { Polling } from '../polling.js';
import { BeginRun } from './begin-run.js';
import { FollowRun } from './follow-run.js';

const dayMs = 24 * 3_600_000;
const intervalMs = 500;
/** Between two looks at the same remediation; events of its run make it shorter. */
const lookAgainMs = 2_000;
const looksPerRound = 16;
const cleanUpEveryMs = 3_600_000;
const deletedAtOnce = 200;
const roundsPerCleanUp = 100;
/** A schedule that looks every minute may make many, each with what Terraform printed. */
const automaticOfRef = 500;

@Injectable()
export class RemediationWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly polling: Polling;
  private readonly cleaning: Polling;

  constructor(
    private readonly context: DriftContext,
    private readonly beginRun: BeginRun,
    private readonly followRun: FollowRun,
  ) {
    const { logger } = context;
    this.polling = new Polling({ name: 'remediation', intervalMs, logger, round: () => this.round() });
    this.cleaning = new Polling({
      name: 'forgetting old remediations',
      intervalMs: cleanUpEveryMs,
      logger,
      round: () => this.cleanUp(),
    });
  }

  onApplicationBootstrap(): void {
    this.polling.onApplicationBootstrap();
    this.cleaning.onApplicationBootstrap();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.polling.onModuleDestroy(), this.cleaning.onModuleDestroy()]);
  }

  /** A doorbell: the run is over. */
  async hurry(runId: string): Promise<void> {
    await hurryRun(this.context.manager, runId);
  }

  private async round(): Promise<'more' | 'done'> {
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

  /** What is left is for the next time. */
  async cleanUp(): Promise<'done'> {
    const { manager, settings } = this.context;
    const { driftRemediationRetentionDays: days, driftLoopPeriodMs } = settings;
    for (const deleteSome of [
      () => deleteOldRemediations(manager, days, deletedAtOnce),
      () => deleteSurplusRemediations(manager, automaticOfRef, deletedAtOnce),
      () => forgetApplied(manager, Math.max(days * dayMs, driftLoopPeriodMs), deletedAtOnce),
    ]) {
      for (let round = 0; round < roundsPerCleanUp; round += 1) {
        if ((await deleteSome()) < deletedAtOnce) break;
      }
    }
    return 'done';
  }
}
