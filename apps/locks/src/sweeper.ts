// Sweeps in intervals; of several replicas one does it each time.
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { SweepRepository } from './persistence/sweep.repository.js';
import type { SweepLocks, Swept } from './sweep-locks.js';

export interface SweeperReports {
  swept(swept: Swept): void;
  failed(error: unknown): void;
}

/** How much of the interval is left to chance, so that replicas do not all ask at once. */
const jitter = 0.2;

export class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly sweeps: SweepRepository,
    private readonly sweepLocks: SweepLocks,
    private readonly intervalMs: number,
    private readonly reports: SweeperReports,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** Resolves when a sweep that has begun is over. */
  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  private schedule(): void {
    if (this.isStopped) return;
    const delayMs = this.intervalMs * (1 - jitter * Math.random());
    this.timer = setTimeout(() => {
      this.current = this.sweep().finally(() => this.schedule());
    }, delayMs);
    this.timer.unref();
  }

  private async sweep(): Promise<void> {
    try {
      const isMine = await this.sweeps.begin(this.intervalMs * (1 - jitter));
      if (isMine) this.reports.swept(await this.sweepLocks.sweepOnce());
    } catch (error) {
      this.reports.failed(error);
    }
  }
}
