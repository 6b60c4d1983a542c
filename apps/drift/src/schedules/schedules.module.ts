import { Module } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { DetectionsModule } from '../detections/detections.module.js';
import { ScheduleRepository } from '../persistence/schedule.repository.js';
import { TurnRepository } from '../persistence/turn.repository.js';
import { Polling } from '../polling.js';
import { CreateSchedule } from './create-schedule.js';
import { NoteFailure } from './note-failure.js';
import { NoteOutcomes } from './note-outcomes.js';
import { Scheduler } from './scheduler.js';
import { SchedulesController } from './schedules.controller.js';
import { StartTurn } from './start-turn.js';
import { TakeTurns } from './take-turns.js';
import { TriggerSchedule } from './trigger-schedule.js';
import { UpdateSchedule } from './update-schedule.js';

const intervalMs = 1_000;

@Module({
  imports: [DetectionsModule],
  controllers: [SchedulesController],
  providers: [
    ScheduleRepository,
    TurnRepository,
    CreateSchedule,
    UpdateSchedule,
    TriggerSchedule,
    NoteFailure,
    NoteOutcomes,
    TakeTurns,
    StartTurn,
    Scheduler,
    {
      provide: Polling,
      inject: [Scheduler, DriftContext],
      useFactory: (scheduler: Scheduler, { logger }: DriftContext) => {
        const round = async () => ((await scheduler.round()) > 0 ? 'more' : 'done');
        return new Polling({ name: 'taking the turns of schedules', intervalMs, logger, round });
      },
    },
  ],
  exports: [Scheduler],
})
export class SchedulesModule {}
