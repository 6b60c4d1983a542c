// Keeps the table of the rate limit as small as the last minute.
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { IdentifyRepository } from '../persistence/identify.repository.js';

const intervalMs = 60_000;

@Injectable()
export class BucketSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();

  constructor(private readonly repository: IdentifyRepository) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      // The next one makes up for one that failed.
      this.current = this.repository.dropFullBuckets().catch(() => undefined);
    }, intervalMs);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.current;
  }
}
