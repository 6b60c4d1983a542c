// What to do about each event.
import { Injectable } from '@nestjs/common';
import type { EventPayload, LockHolder, LockKey, runEvents } from '@terramesh/contracts';
import { Activity } from './activity.js';
import { DiscardPlan } from './discard-plan.js';
import { RunKeeper } from './execution/run-keeper.js';
import { Worker } from './execution/worker.js';

@Injectable()
export class News {
  constructor(
    private readonly worker: Worker,
    private readonly keeper: RunKeeper,
    private readonly waiters: Activity,
    private readonly discardPlan: DiscardPlan,
  ) {}

  queued(what: 'run' | 'execution'): void {
    this.worker.ring(what);
  }

  activity(runId: string, news: EventPayload<typeof runEvents.activity>['news']): void {
    this.waiters.ring(runId, news === 'finished' ? 'end' : 'news');
    if (news === 'finished') this.keeper.clearSoon(runId);
    if (news === 'cancel') {
      this.worker.lookAtLeases();
      this.keeper.settleSoon(runId);
    }
  }

  /** Every replica is told; a settle that has nothing left to do is one read. */
  locksChanged(runIds: readonly string[]): void {
    for (const runId of runIds) this.keeper.settleSoon(runId);
  }

  async lockDeleted(holder: LockHolder, key: LockKey): Promise<void> {
    await this.discardPlan.discard(holder, key);
    if (holder.kind === 'run') this.keeper.settleSoon(holder.runId);
  }
}
