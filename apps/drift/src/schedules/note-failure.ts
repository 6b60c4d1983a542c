import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type ScheduleRow, timingOf } from '../persistence/schedule-row.js';
import type { Transaction } from '../persistence/transaction.js';
import { TurnRepository } from '../persistence/turn.repository.js';
import { cut } from '../records/cut.js';
import { tell } from '../telling/tell.js';
import { isSameProblem, nextTurn } from './decide-turn.js';

const maxProblemLength = 1000;
const unreadableDelayMs = 3_600_000;

@Injectable()
export class NoteFailure {
  constructor(private readonly turns: TurnRepository) {}

  /** Counts it, puts the next turn off, and tells people when it is news. `schedule` is locked by `tx`. */
  async note(tx: Transaction, schedule: ScheduleRow, reason: string): Promise<void> {
    const problem = cut(reason, maxProblemLength);
    const failures = schedule.failures + 1;
    const now = schedule.read_at.getTime();
    const next = nextTurnOf(schedule, { after: now, failures });
    const nextRunAt = Math.max(next, schedule.next_run_at.getTime());
    await this.turns.setFailure(tx, { id: schedule.id, failures, problem, nextRunAt });
    if (isSameProblem(schedule.problem, problem)) return;
    const { id, name, hostname, repository, ref } = schedule;
    await tell(tx, {
      kind: 'schedule.failed',
      eventId: randomUUID(),
      at: schedule.read_at.toISOString(),
      repository: { hostname, repository },
      ref,
      scheduleId: id,
      schedule: name,
      reason: problem,
      failures,
      nextRunAt: new Date(nextRunAt).toISOString(),
    });
  }
}

/** In an hour, when it cannot be read from the schedule: a time zone that is no longer known, say. */
function nextTurnOf(schedule: ScheduleRow, when: { after: number; failures: number }): number {
  try {
    return nextTurn({ timing: timingOf(schedule), ...when });
  } catch {
    return when.after + unreadableDelayMs;
  }
}
