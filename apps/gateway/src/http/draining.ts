// What a gateway that stops still does: no new runs, streams end, waiting callers get their answers.
import type { ServerResponse } from 'node:http';
import { AppError } from '@terramesh/contracts';

/** What ends early: a stream when draining begins, an answer that somebody waits for when there is no more time. */
export type Ending = 'streams' | 'answers';

export class Draining {
  private readonly ended = new Set<Ending>();
  private readonly open: Record<Ending, Set<AbortController>> = { streams: new Set(), answers: new Set() };
  private readonly held = new Set<ServerResponse>();
  private whenIdle: (() => void)[] = [];

  get isDraining(): boolean {
    return this.ended.has('streams');
  }

  get isOutOfTime(): boolean {
    return this.ended.has('answers');
  }

  /** Throws UNAVAILABLE once draining has begun. */
  assertAccepting(): void {
    if (this.isDraining) throw new AppError('UNAVAILABLE', 'this server is shutting down and accepts no new runs');
  }

  /**
   * Aborted when this ending comes or the response is over, whichever is first. Not `AbortSignal.any`: Node 20 keeps its
   * results for as long as their longest source lives (1.3 kB each, measured).
   */
  endOf(response: ServerResponse, ending: Ending): AbortSignal {
    const end = new AbortController();
    this.open[ending].add(end);
    response.once('close', () => {
      this.open[ending].delete(end);
      end.abort();
    });
    if (this.ended.has(ending)) end.abort();
    return end.signal;
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
    this.end('streams');
  }

  giveUp(): void {
    this.end('answers');
  }

  /** Resolves when no response is held. */
  idle(): Promise<void> {
    if (this.held.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private end(ending: Ending): void {
    this.ended.add(ending);
    for (const controller of this.open[ending]) controller.abort();
  }
}
