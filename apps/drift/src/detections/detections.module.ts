import { Module } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { Polling } from '../polling.js';
import { RecordsModule } from '../records/records.module.js';
import { DetectionsController } from './detections.controller.js';
import { FollowDetection } from './follow-detection.js';
import { ReadDetections } from './read-detections.js';
import { StartDetection } from './start-detection.js';

const intervalMs = 3_000;

@Module({
  imports: [RecordsModule],
  controllers: [DetectionsController],
  providers: [
    StartDetection,
    FollowDetection,
    ReadDetections,
    {
      provide: Polling,
      inject: [DriftContext, FollowDetection],
      useFactory: ({ logger }: DriftContext, detections: FollowDetection) => {
        const round = (stopping: AbortSignal) => detections.followSome(stopping);
        return new Polling({ name: 'following detections', intervalMs, logger, round });
      },
    },
  ],
  exports: [StartDetection],
})
export class DetectionsModule {}
