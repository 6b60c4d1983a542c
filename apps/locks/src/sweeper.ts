// Sweeps in intervals; of several replicas one does it each time.
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Logger } from '@terramesh/service';
import type { LockChangeRepository } from './persistence/lock-change.repository.js';
import type { SweepRepository } from './persistence/sweep.repository.js';
import type { SweepLocks } from './sweep-locks.js';
import type { SweepPersonLocks } from './sweep-person-locks.js';

export interface SweeperParts {
  readonly sweeps: SweepRepository;
  readonly sweepLocks: SweepLocks;
  readonly sweepPersonLocks: SweepPersonLocks;
  readonly changes: LockChangeRepository;
}

export interface SweeperOptions {
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** How much of the interval is left to chance, so that replicas do not all ask at once. */
const jitter = 0.2;

export class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    private readonly parts: SweeperParts,
    private readonly options: SweeperOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** Resolves when a sweep that has begun is over. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.current;
  }

  private schedule(): void {
    if (this.stopping.signal.aborted) return;
    const delayMs = this.options.intervalMs * (1 - jitter * Math.random());
    this.timer = setTimeout(() => {
      this.current = this.sweep().finally(() => this.schedule());
    }, delayMs);
    this.timer.unref();
  }

  private async sweep(): Promise<void> {
    const { intervalMs, logger } = this.options;
    const { sweeps, sweepLocks, sweepPersonLocks, changes } = this.parts;
    try {
      if (!(await sweeps.begin(intervalMs * (1 - jitter)))) return;
      await changes.prune();
      const swept = await sweepLocks.sweepOnce({ signal: this.stopping.signal });
      if (!swept.complete)
        logger.warn(swept, 'runs did not say which locks they need; the rest waits for the next sweep');
      else if (swept.freed + swept.markedUnknown > 0) logger.info(swept, 'swept locks of runs that are over');
      const freed = await sweepPersonLocks.sweepOnce({ signal: this.stopping.signal });
      if (freed !== undefined && freed > 0) logger.info({ freed }, 'swept locks of workspaces that are no more');
    } catch (err) {
      if (!this.stopping.signal.aborted) logger.warn({ err }, 'the sweep failed');
    }
  }
}
