// Asks a run to stop: what has not started ends at once, what runs is stopped by its worker.
import { Injectable } from '@nestjs/common';
import type { RunId, RunSummary } from '@terramesh/contracts';
import { RunsContext } from './context.js';
import { Doorbell } from './doorbell.js';
import { applyChange, findExecutionsLocked, markCancelRequested } from './persistence/execution.repository.js';
import { getRun, getRunLocked, requestCancel } from './persistence/run.repository.js';
import type { Transaction } from './persistence/transaction.js';
import { finish, settleRun } from './settle-run.js';
import { runSummaryOf } from './views.js';

@Injectable()
export class CancelRun {
  constructor(
    private readonly context: RunsContext,
    private readonly doorbell: Doorbell,
  ) {}

  /** Nothing happens when it is finished. NOT_FOUND. */
  async cancel(runId: RunId): Promise<RunSummary> {
    await this.context.transaction((tx) => cancelIn(tx, runId));
    this.doorbell.canceled(runId);
    return runSummaryOf(await getRun(this.context.manager, runId));
  }
}

async function cancelIn(tx: Transaction, runId: RunId): Promise<void> {
  const run = await getRunLocked(tx, runId);
  if (run.status === 'finished') return;
  await requestCancel(tx, runId);
  if (run.status === 'received') return finish(tx, run, 'canceled', null);
  await markCancelRequested(tx, runId);
  for (const execution of await findExecutionsLocked(tx, runId)) {
    const idle = execution.leaseOwner === null && (execution.state === 'queued' || execution.state === 'apply_queued');
    if (idle) await applyChange(tx, execution, { state: 'canceled', problem: 'canceled before it started' });
  }
  await settleRun(tx, runId);
}
