import { Module } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { Polling } from '../polling.js';
import { ReadRecords } from './read-records.js';
import { RecordRun } from './record-run.js';
import { RecordsController } from './records.controller.js';
import { SweepRuns, sweepIntervalMs } from './sweep-runs.js';

@Module({
  controllers: [RecordsController],
  providers: [
    RecordRun,
    ReadRecords,
    SweepRuns,
    {
      provide: Polling,
      inject: [DriftContext, SweepRuns],
      useFactory: ({ logger }: DriftContext, runs: SweepRuns) => {
        const round = (stopping: AbortSignal) => runs.sweep(stopping);
        return new Polling({ name: 'looking for finished runs', intervalMs: sweepIntervalMs, logger, round });
      },
    },
    {
      provide: 'housekeeping',
      inject: [DriftContext, SweepRuns],
      useFactory: ({ logger }: DriftContext, runs: SweepRuns) => {
        const round = async (stopping: AbortSignal) => {
          await runs.keepHouse(stopping);
          return 'done' as const;
        };
        return new Polling({ name: 'forgetting old records', intervalMs: sweepIntervalMs, logger, round });
      },
    },
  ],
  exports: [RecordRun],
})
export class RecordsModule {}
