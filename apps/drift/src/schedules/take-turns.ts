import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { type ScheduleRow, timingOf } from '../persistence/schedule-row.js';
import type { Transaction } from '../persistence/transaction.js';
import { type TakenTurn, TurnRepository } from '../persistence/turn.repository.js';
import { tell } from '../telling/tell.js';
import { decideTurn } from './decide-turn.js';
import { eachApart } from './each-apart.js';
import { NoteFailure } from './note-failure.js';

const batchSize = 20;
/** A detection that runs for longer keeps turns from people without a word, unless somebody says so. */
const endlessAfterMs = 6 * 3_600_000;
/** After this another replica starts the turn: with the same idempotency key, so that it is one detection. */
const startLeaseMs = 60_000;

@Injectable()
export class TakeTurns {
  constructor(
    private readonly context: DriftContext,
    private readonly turns: TurnRepository,
    private readonly noteFailure: NoteFailure,
  ) {}

  /** Takes turns that are due or whose taker has died. What comes back is for the caller to start. */
  async take(): Promise<TakenTurn[]> {
    const orphans = await this.turns.takeOver(batchSize, startLeaseMs);
    const due = await this.context.transaction(async (tx) => {
      const taken: TakenTurn[] = [];
      await eachApart(tx, await this.turns.due(tx, batchSize), {
        work: async (part, schedule) => {
          if (await this.decide(part, schedule)) taken.push({ schedule, turn: schedule.next_run_at });
        },
        failed: async (part, schedule, err) => {
          this.context.logger.error({ err, schedule: schedule.id }, 'a turn of a schedule could not be decided');
          await this.noteFailure.note(part, schedule, 'its turn could not be decided: see the log');
        },
      });
      return taken;
    });
    return [...orphans, ...due];
  }

  private async decide(tx: Transaction, schedule: ScheduleRow): Promise<boolean> {
    const decision = decideTurn({
      timing: timingOf(schedule),
      dueAt: schedule.next_run_at.getTime(),
      now: schedule.read_at.getTime(),
      graceMs: this.context.settings.driftScheduleGraceMs,
      before: schedule.last_status === 'pending' || schedule.last_status === 'running' ? 'running' : 'over',
      failures: schedule.failures,
    });
    await this.turns.decide(tx, schedule, decision, startLeaseMs);
    if (decision.missed > 0) await this.tellMissed(tx, schedule, decision.missed);
    if (decision.action === 'start') return true;
    const { last_detection_id: detectionId, last_started_at: startedAt, read_at: now } = schedule;
    if (startedAt !== null && now.getTime() - startedAt.getTime() > endlessAfterMs) {
      const reason = `detection ${detectionId} still runs, since ${startedAt.toISOString()}`;
      await this.noteFailure.note(tx, { ...schedule, next_run_at: new Date(decision.nextRunAt) }, reason);
    }
    return false;
  }

  private async tellMissed(tx: Transaction, schedule: ScheduleRow, missed: number): Promise<void> {
    const { id, name, hostname, repository, ref } = schedule;
    this.context.logger.warn({ schedule: id, missed }, 'turns of a schedule were missed');
    await tell(tx, {
      kind: 'schedule.missed',
      eventId: randomUUID(),
      at: schedule.read_at.toISOString(),
      repository: { hostname, repository },
      ref,
      scheduleId: id,
      schedule: name,
      missed,
      firstMissedAt: schedule.next_run_at.toISOString(),
    });
  }
}
