import { Injectable } from '@nestjs/common';
import { type AppError, isAppError } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { StartDetection } from '../detections/start-detection.js';
import { ScheduleRepository } from '../persistence/schedule.repository.js';
import { type TakenTurn, TurnRepository } from '../persistence/turn.repository.js';
import { NoteFailure } from './note-failure.js';

const retryDelayMs = 5_000;

@Injectable()
export class StartTurn {
  constructor(
    private readonly context: DriftContext,
    private readonly startDetection: StartDetection,
    private readonly schedules: ScheduleRepository,
    private readonly turns: TurnRepository,
    private readonly noteFailure: NoteFailure,
  ) {}

  /**
   * One detection for the turn, however often and by whomever this is called: its key is the schedule and the time at
   * which the turn was due.
   */
  async start({ schedule, turn }: TakenTurn): Promise<void> {
    try {
      const { type, repository, ref, projects, paths, follow_up: followUp } = schedule;
      const { detectionId } = await this.startDetection.start({
        ...{ type, repository, ref, projects, paths, followUp },
        user: 'schedule',
        idempotencyKey: `schedule:${schedule.id}:${turn.toISOString()}`,
        scheduleId: schedule.id,
      });
      await this.turns.started(schedule.id, { turn, detectionId });
    } catch (error) {
      await this.failed({ schedule, turn }, error);
    }
  }

  private async failed({ schedule, turn }: TakenTurn, error: unknown): Promise<void> {
    const { logger, settings } = this.context;
    const isExpected = isAppError(error) && error.code !== 'INTERNAL';
    if (!isExpected) logger.error({ err: error, schedule: schedule.id }, 'a scheduled detection did not start');
    const isPassing = isExpected && error.retryable;
    await this.context.transaction(async (tx) => {
      const now = await this.schedules.getLocked(schedule.id, tx);
      if (now.starting_turn?.getTime() !== turn.getTime()) return;
      if (isPassing) await this.turns.postpone(tx, schedule.id, retryDelayMs);
      else await this.turns.dropTurn(tx, schedule.id);
      const isLate = now.read_at.getTime() - turn.getTime() > settings.driftScheduleGraceMs;
      const reason = sentence(isExpected ? error : undefined);
      // A short outage of another service is not for people: the turn is tried again.
      if (!isPassing || (isLate && now.problem !== reason)) await this.noteFailure.note(tx, now, reason);
    });
  }
}

function sentence(error: AppError | undefined): string {
  return `the detection could not be started: ${error?.message ?? 'internal error, see the log'}`;
}
