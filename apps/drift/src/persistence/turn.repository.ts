// Whose turn it is. Everything is decided by Postgres' clock, and each row is locked by one replica at a time.
import { Injectable } from '@nestjs/common';
import type { DetectionStatus } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import type { TurnDecision } from '../schedules/decide-turn.js';
import type { ScheduleRow } from './schedule-row.js';
import type { Transaction } from './transaction.js';

const all = 'schedules.*, now() as read_at';

/** A schedule whose turn was taken; who does not start it by then has died. */
export interface TakenTurn {
  readonly schedule: ScheduleRow;
  readonly turn: Date;
}

/** The last detection of a schedule, now that it is over. */
export interface EndedRow extends ScheduleRow {
  readonly detection_status: DetectionStatus;
  readonly detection_error: string | null;
}

@Injectable()
export class TurnRepository {
  constructor(private readonly context: DriftContext) {}

  /** Schedules that are due, longest first, and that no other replica looks at. Locked until `tx` ends. */
  async due(tx: Transaction, limit: number): Promise<ScheduleRow[]> {
    return await tx.query(
      `select ${all} from schedules where state = 'active' and starting_turn is null and next_run_at <= now()
       order by next_run_at limit $1 for update skip locked`,
      [limit],
    );
  }

  /** Writes what was decided; a turn to start stays with this replica for `leaseMs`. */
  async decide(tx: Transaction, { id }: ScheduleRow, decision: TurnDecision, leaseMs: number): Promise<void> {
    const isStart = decision.action === 'start';
    await tx.query(
      `update schedules set
         starting_turn = case when $2 then date_trunc('milliseconds', next_run_at) end,
         starting_until = case when $2 then now() + $3 * interval '1 millisecond' end,
         next_run_at = $4, missed = missed + $5, skipped = skipped + $6
       where id = $1`,
      [id, isStart, leaseMs, new Date(decision.nextRunAt), decision.missed, isStart ? 0 : 1],
    );
  }

  /** Turns that were taken and not started in time, taken over. */
  async takeOver(limit: number, leaseMs: number): Promise<TakenTurn[]> {
    const [rows] = await this.context.manager.query<[ScheduleRow[], number]>(
      `update schedules set starting_until = now() + $2 * interval '1 millisecond'
       where id in (
         select id from schedules where state = 'active' and starting_turn is not null and starting_until <= now()
         order by starting_until limit $1 for update skip locked
       ) returning ${all}`,
      [limit, leaseMs],
    );
    return rows.flatMap((schedule) => (schedule.starting_turn ? [{ schedule, turn: schedule.starting_turn }] : []));
  }

  /** The turn is a detection now. */
  async started(scheduleId: string, { turn, detectionId }: { turn: Date | null; detectionId: string }): Promise<void> {
    await this.context.manager.query(
      `update schedules set starting_turn = null, starting_until = null,
         last_detection_id = $3, last_started_at = now(), last_status = 'pending'
       where id = $1 and starting_turn is not distinct from $2 and last_detection_id is distinct from $3`,
      [scheduleId, turn, detectionId],
    );
  }

  /** The turn cannot start now: it stays taken, and is tried again after `delayMs`. */
  async postpone(tx: Transaction, scheduleId: string, delayMs: number): Promise<void> {
    await tx.query(
      `update schedules set starting_until = now() + $2 * interval '1 millisecond'
       where id = $1 and starting_turn is not null`,
      [scheduleId, delayMs],
    );
  }

  /** Of the failure of a turn or of its detection. */
  async setFailure(
    tx: Transaction,
    failure: { id: string; failures: number; problem: string | null; nextRunAt: number },
  ): Promise<void> {
    await tx.query('update schedules set failures = $2, problem = $3, next_run_at = $4 where id = $1', [
      failure.id,
      failure.failures,
      failure.problem,
      new Date(failure.nextRunAt),
    ]);
  }

  async dropTurn(tx: Transaction, scheduleId: string): Promise<void> {
    await tx.query('update schedules set starting_turn = null, starting_until = null where id = $1', [scheduleId]);
  }

  async setLastStatus(tx: Transaction, scheduleId: string, status: DetectionStatus): Promise<void> {
    await tx.query('update schedules set last_status = $2 where id = $1', [scheduleId, status]);
  }

  /** Schedules whose last detection has got further than they know. Locked until `tx` ends. */
  async advanced(tx: Transaction, limit: number): Promise<EndedRow[]> {
    return await tx.query(
      `select ${all}, coalesce(detections.status, 'failed') as detection_status,
         case when detections.id is null then 'its detection is gone' else detections.error end as detection_error
       from schedules left join detections on detections.id = schedules.last_detection_id
       where schedules.last_status in ('pending', 'running')
         and detections.status is distinct from schedules.last_status
       order by schedules.number limit $1 for update of schedules skip locked`,
      [limit],
    );
  }
}
