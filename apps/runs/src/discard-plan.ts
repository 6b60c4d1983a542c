// A lock was deleted by hand: the plan made under it is discarded.
import { Inject, Injectable } from '@nestjs/common';
import type { LockHolder, LockKey } from '@terramesh/contracts';
import { RunsContext } from './context.js';
import { isTerminal } from './domain/execution-state.js';
import { Doorbell } from './doorbell.js';
import { applyChange, findExecutionsLocked, markExecutionCancelRequested } from './persistence/execution.repository.js';
import { forgetKept } from './persistence/lock-work.repository.js';
import { getRunLocked } from './persistence/run.repository.js';
import { BUNDLE_STORE, type PlanBundles } from './store/bundle-store.token.js';

@Injectable()
export class DiscardPlan {
  constructor(
    private readonly context: RunsContext,
    private readonly doorbell: Doorbell,
    @Inject(BUNDLE_STORE) private readonly bundles: PlanBundles,
  ) {}

  /** Repeatable: a second delivery finds nothing left to do. */
  async discard(holder: LockHolder, key: LockKey): Promise<void> {
    await this.context.transaction((tx) => forgetKept(tx, key, null));
    if (holder.kind !== 'run') return;
    await this.context.transaction(async (tx) => {
      const run = await getRunLocked(tx, holder.runId);
      for (const execution of await findExecutionsLocked(tx, run.id)) {
        const isIt =
          execution.directory === key.directory &&
          execution.terraformWorkspace === key.terraformWorkspace &&
          execution.name === key.name;
        if (!isIt) continue;
        await this.bundles.discard(tx, execution.id);
        if (isTerminal(execution.state)) continue;
        await markExecutionCancelRequested(tx, execution.id);
        if (execution.leaseOwner === null && execution.state !== 'apply_intent' && execution.state !== 'applying')
          await applyChange(tx, execution, { state: 'canceled', problem: 'its lock was deleted by hand' });
      }
    });
    this.doorbell.canceled(holder.runId);
  }
}
