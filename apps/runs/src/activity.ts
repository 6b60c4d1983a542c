// Who waits for news of a run on this replica. The doorbell comes over the mesh; a poll backs it.
import { Injectable } from '@nestjs/common';

@Injectable()
export class Activity {
  private closed = false;
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Resolves at the next news of this run, or after `ms`. */
  wait(runId: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(runId) ?? new Set();
      this.waiting.set(runId, waiters);
      const done = () => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0) this.waiting.delete(runId);
        resolve();
      };
      const timer = setTimeout(done, ms);
      waiters.add(done);
    });
  }

  ring(runId: string): void {
    for (const done of [...(this.waiting.get(runId) ?? [])]) done();
  }

  /** Nobody waits any more: every wait that goes on ends, and so does every later one. */
  close(): void {
    this.closed = true;
    for (const runId of [...this.waiting.keys()]) this.ring(runId);
  }

  get isClosed(): boolean {
    return this.closed;
  }
}
