// A worker's last words on an execution: written with its lease, and again while the database is away.
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isAppError, type ResultPart } from '@terramesh/contracts';
import { isTransient } from '@terramesh/database';
import { SpawnError } from '@terramesh/terraform';
import { RunsContext } from '../context.js';
import { Doorbell } from '../doorbell.js';
import { changeOwned, type ExecutionChange, StaleLeaseError } from '../persistence/execution.repository.js';
import { saveResult } from '../persistence/result.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { shortProblem } from '../problem.js';
import { ExecutionFailed, FetchFailed } from './failure.js';
import type { HeldLease } from './leases.js';

const retryMs = 500;

@Injectable()
export class ExecutionWriter {
  constructor(
    private readonly context: RunsContext,
    private readonly doorbell: Doorbell,
  ) {}

  /** Changes the execution with its texts. Throws StaleLeaseError, or what the database said. */
  async write(
    held: HeldLease,
    runId: string,
    change: ExecutionChange,
    texts: Partial<Record<ResultPart, string>> = {},
    also: (tx: Transaction) => Promise<Partial<ExecutionChange> | undefined> = async () => undefined,
  ): Promise<void> {
    await this.context.transaction(async (tx) => {
      const more = await also(tx);
      await changeOwned(tx, held.lease, { ...change, ...more });
      for (const [part, text] of Object.entries(texts) as [ResultPart, string][])
        await saveResult(tx, { executionId: held.id, part, text: this.context.mask(text) });
    });
    this.doorbell.activity(runId);
  }

  /** The same, repeated while the database is away. */
  async writeSurely(...args: Parameters<ExecutionWriter['write']>): Promise<void> {
    await this.surely(args[0].id, () => this.write(...args));
  }

  /**
   * Repeats what may be repeated while the database is away. Also when the lease may be gone by then: only the database
   * knows, and it refuses what is stale.
   */
  async surely(executionId: string, work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        this.context.logger.warn({ executionId, error: String(error) }, 'a result waits for the database');
        await delay(retryMs);
      }
    }
  }

  /** An apply that was not started goes back to the queue. */
  async giveBack(held: HeldLease, runId: string): Promise<void> {
    await this.writeSurely(held, runId, { state: 'apply_queued' });
  }

  /** Ends an execution with what went wrong. */
  async fail(
    held: HeldLease,
    runId: string,
    state: 'plan_failed' | 'apply_failed',
    error: ExecutionFailed,
  ): Promise<void> {
    const problem = shortProblem(this.context.mask(error.message));
    await this.writeSurely(held, runId, { state, problem }, { [error.part]: error.message });
  }
}

/**
 * What a person is told of an error while working on an execution; undefined for those that are not the execution's
 * fault: a lost lease, or a part of ours that is away.
 */
export function explain(error: unknown, context: RunsContext): ExecutionFailed | undefined {
  if (error instanceof ExecutionFailed) return error;
  if (error instanceof StaleLeaseError || isTransient(error)) return undefined;
  if (error instanceof SpawnError || error instanceof FetchFailed) return new ExecutionFailed(error.message);
  if (isAppError(error) && error.code !== 'INTERNAL') return new ExecutionFailed(error.message);
  if (isNoSpace(error)) return new ExecutionFailed('no space is left on the disk of the worker');
  context.logger.error({ error }, 'an execution met an unexpected error');
  return new ExecutionFailed('internal error: see the log of the runs service');
}

function isNoSpace(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
