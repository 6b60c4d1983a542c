// Finds work whose worker is gone and makes its record true: plans are queued again, applies become `outcome_unknown`.
import { Injectable } from '@nestjs/common';
import { RunsContext } from '../context.js';
import { lostApplyExplanation } from '../domain/apply-end.js';
import { afterLostWorker } from '../domain/execution-state.js';
import { Doorbell } from '../doorbell.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import { findLostLocked, takeFromLostWorker } from '../persistence/execution.repository.js';
import { saveResult } from '../persistence/result.repository.js';
import { getRunLocked, requeueLostRuns } from '../persistence/run.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { shortProblem } from '../problem.js';
import { finish } from '../settle-run.js';
import { RunKeeper } from './run-keeper.js';

/** A target or run that costs this many workers is not given to another. */
const maxLosses = 3;

@Injectable()
export class LostWorkers {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  /** Since when every look at the database worked, by this process's clock. */
  private healthySince = performance.now();

  constructor(
    private readonly context: RunsContext,
    private readonly doorbell: Doorbell,
    private readonly keeper: RunKeeper,
  ) {}

  start(): void {
    this.timer = setInterval(
      () => {
        this.sweeping ??= this.sweep().finally(() => {
          this.sweeping = undefined;
        });
      },
      (this.context.settings.leaseSeconds * 1000) / 6,
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /**
   * Judges nobody until the database has been there for a whole lease: after an outage every lease has run out, and
   * workers that are alive renew theirs first.
   */
  private async sweep(): Promise<void> {
    try {
      await this.context.database.ping();
      if (performance.now() - this.healthySince < this.context.settings.leaseSeconds * 1000) return;
      await this.settle({ owner: null, except: [] });
    } catch (error) {
      this.healthySince = performance.now();
      this.context.logger.warn({ error: String(error) }, 'could not look for lost workers');
    }
  }

  /** `owner`: all that this host held in a former life; null: whatever lease ran out. */
  async settle(lost: { owner: string | null; except: readonly string[] }): Promise<void> {
    const runs = await this.context.transaction((tx) => requeueLostRuns(tx, lost));
    for (const run of runs) if (run.losses >= maxLosses) await this.giveUpRun(run.id);
    const settled = await this.context.transaction(async (tx) => {
      const rows = (await findLostLocked(tx, lost)).filter((row) => !lost.except.includes(row.id));
      for (const row of rows) await settleLost(tx, row);
      return rows;
    });
    for (const row of settled)
      this.context.logger.warn({ executionId: row.id, state: row.state, epoch: row.leaseEpoch }, 'a worker was lost');
    for (const runId of new Set(settled.map((row) => row.runId))) {
      this.doorbell.activity(runId);
      this.keeper.settleSoon(runId);
    }
    if (runs.length > 0) this.doorbell.queued('run');
    if (settled.length > 0) this.doorbell.queued('execution');
  }

  private async giveUpRun(runId: string): Promise<void> {
    await this.context.transaction(async (tx) => {
      const run = await getRunLocked(tx, runId);
      const message = `the run could not be resolved: ${maxLosses} workers were lost with it`;
      if (run.status === 'received') await finish(tx, run, 'failed', { code: 'INTERNAL', message });
    });
    this.doorbell.activity(runId);
  }
}

async function settleLost(tx: Transaction, row: ExecutionEntity): Promise<void> {
  const losses = row.losses + 1;
  switch (afterLostWorker(row.state)) {
    case 'requeue':
      if (row.cancelRequestedAt !== null)
        return takeFromLostWorker(tx, row, { state: 'canceled', problem: 'canceled while it was planned' });
      if (losses < maxLosses) return takeFromLostWorker(tx, row, { state: 'queued', losses });
      return end(tx, row, 'plan_failed', `not planned: ${losses} workers were lost with it`);
    case 'unlease':
      if (row.cancelRequestedAt !== null)
        return takeFromLostWorker(tx, row, { state: 'canceled', problem: 'canceled before it was applied' });
      if (losses < maxLosses) return takeFromLostWorker(tx, row, { losses });
      return end(tx, row, 'apply_failed', `not applied: ${losses} workers were lost before the apply was started`);
    case 'outcome_unknown':
      return end(tx, row, 'outcome_unknown', lostApplyExplanation);
    case 'nothing':
      return takeFromLostWorker(tx, row, {});
  }
}

async function end(
  tx: Transaction,
  row: ExecutionEntity,
  state: 'plan_failed' | 'apply_failed' | 'outcome_unknown',
  error: string,
): Promise<void> {
  await saveResult(tx, { executionId: row.id, part: 'error', text: error });
  await takeFromLostWorker(tx, row, { state, problem: shortProblem(error) });
}
