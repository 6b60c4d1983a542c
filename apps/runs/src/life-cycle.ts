// What runs beside the handlers, in the order of start; stopped in the reverse order.
import { Injectable } from '@nestjs/common';
import { Housekeeping } from './execution/housekeeping.js';
import { LostWorkers } from './execution/lost-workers.js';
import { Recovery } from './execution/recovery.js';
import { RunKeeper } from './execution/run-keeper.js';
import { Worker } from './execution/worker.js';

@Injectable()
export class LifeCycle {
  constructor(
    private readonly recovery: Recovery,
    private readonly worker: Worker,
    private readonly keeper: RunKeeper,
    private readonly lostWorkers: LostWorkers,
    private readonly housekeeping: Housekeeping,
  ) {}

  async start(): Promise<void> {
    await this.recovery.recover();
    this.worker.start();
    this.keeper.start();
    this.lostWorkers.start();
    this.housekeeping.start();
  }

  async stop(): Promise<void> {
    await this.housekeeping.stop();
    await this.lostWorkers.stop();
    await this.worker.stop();
    await this.keeper.stop();
  }
}
