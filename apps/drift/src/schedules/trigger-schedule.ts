import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, type driftSchedules, type HandlerResult, type ParsedInput } from '@terramesh/contracts';
import { StartDetection } from '../detections/start-detection.js';
import { ScheduleRepository } from '../persistence/schedule.repository.js';
import { TurnRepository } from '../persistence/turn.repository.js';

@Injectable()
export class TriggerSchedule {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly turns: TurnRepository,
    private readonly startDetection: StartDetection,
  ) {}

  async trigger({
    scheduleId,
    user,
    idempotencyKey,
  }: ParsedInput<typeof driftSchedules.trigger>): Promise<HandlerResult<typeof driftSchedules.trigger>> {
    const schedule = await this.schedules.get(scheduleId);
    const isRunning = schedule.last_status === 'pending' || schedule.last_status === 'running';
    if (isRunning && idempotencyKey === null) {
      throw new AppError('CONFLICT', `its detection ${schedule.last_detection_id} still runs`);
    }
    const { type, repository, ref, projects, paths, follow_up: followUp } = schedule;
    const { detectionId, runId, replayed } = await this.startDetection.start({
      ...{ type, repository, ref, projects, paths, followUp, user, scheduleId },
      idempotencyKey: `trigger:${scheduleId}:${idempotencyKey ?? randomUUID()}`,
    });
    if (!replayed) await this.turns.started(scheduleId, { turn: null, detectionId });
    return { detectionId, runId };
  }
}
