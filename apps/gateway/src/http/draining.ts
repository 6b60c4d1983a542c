// What a gateway that stops still does: no new runs, streams end, waiting callers get their answers.
import type { ServerResponse } from 'node:http';
import { AppError } from '@terramesh/contracts';

export class Draining {
  private readonly begun = new AbortController();
  private readonly givenUp = new AbortController();
  private readonly held = new Set<ServerResponse>();
  private whenIdle: (() => void)[] = [];

  get isDraining(): boolean {
    return this.begun.signal.aborted;
  }

  /** Aborted when draining begins: log streams end, their readers come back to another gateway. */
  get streamsEnd(): AbortSignal {
    return this.begun.signal;
  }

  /** Aborted when there is no more time: those who wait for a run are told where to ask for it. */
  get waitsEnd(): AbortSignal {
    return this.givenUp.signal;
  }

  /** Throws UNAVAILABLE once draining has begun. */
  assertAccepting(): void {
    if (this.isDraining) throw new AppError('UNAVAILABLE', 'this server is shutting down and accepts no new runs');
  }

  /** Counts a response until it is sent or its reader is gone. */
  hold(response: ServerResponse): void {
    this.held.add(response);
    response.once('close', () => {
      this.held.delete(response);
      if (this.held.size === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
    });
  }

  begin(): void {
    this.begun.abort();
  }

  giveUp(): void {
    this.givenUp.abort();
  }

  /** Resolves when no response is held. */
  idle(): Promise<void> {
    if (this.held.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }
}
