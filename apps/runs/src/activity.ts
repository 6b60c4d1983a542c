// Who waits for news of a run on this replica. The doorbell comes over the mesh; a poll backs it.
import { Injectable } from '@nestjs/common';

interface Waiter {
  readonly until: 'news' | 'end';
  readonly done: () => void;
}

@Injectable()
export class Activity {
  private closed = false;
  private readonly waiting = new Map<string, Set<Waiter>>();

  /** Resolves at the next news of this run, or only at that of its end, or after `ms`. */
  wait(runId: string, ms: number, until: Waiter['until']): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(runId) ?? new Set();
      this.waiting.set(runId, waiters);
      const done = () => {
        clearTimeout(timer);
        waiters.delete(waiter);
        if (waiters.size === 0) this.waiting.delete(runId);
        resolve();
      };
      const timer = setTimeout(done, ms);
      const waiter = { until, done };
      waiters.add(waiter);
    });
  }

  ring(runId: string, news: Waiter['until']): void {
    for (const { until, done } of [...(this.waiting.get(runId) ?? [])]) if (news === 'end' || until === 'news') done();
  }

  /** Nobody waits any more: every wait that goes on ends, and so does every later one. */
  close(): void {
    this.closed = true;
    for (const runId of [...this.waiting.keys()]) this.ring(runId, 'end');
  }

  get isClosed(): boolean {
    return this.closed;
  }
}
