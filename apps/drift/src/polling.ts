// Does something again and again until the service stops.
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Logger } from '@terramesh/service';

export interface PollingOptions {
  readonly name: string;
  readonly intervalMs: number;
  readonly logger: Logger;
  /** Resolves to `more` when it would find more at once. */
  readonly round: (stopping: AbortSignal) => Promise<'more' | 'done'>;
}

export class Polling implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private failing = false;

  constructor(private readonly options: PollingOptions) {}

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  /** Resolves when a round that has begun is over. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.current;
  }

  private schedule(delayMs: number): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.current = this.round().then((delayMs) => this.schedule(delayMs));
    }, delayMs);
    this.timer.unref();
  }

  /** The time until the next one, in ms. */
  private async round(): Promise<number> {
    const { name, intervalMs, logger, round } = this.options;
    try {
      const outcome = await round(this.stopping.signal);
      if (this.failing) logger.info(`${name} again`);
      this.failing = false;
      return outcome === 'more' ? 0 : intervalMs;
    } catch (err) {
      if (!this.failing && !this.stopping.signal.aborted) logger.warn({ err }, `${name} failed; it goes on trying`);
      this.failing = true;
      return intervalMs;
    }
  }
}
