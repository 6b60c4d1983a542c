import { Injectable } from '@nestjs/common';
import { DriftContext } from '../context.js';
import type { TakenTurn } from '../persistence/turn.repository.js';
import { NoteOutcomes } from './note-outcomes.js';
import { StartTurn } from './start-turn.js';
import { TakeTurns } from './take-turns.js';

/** One round of what keeps schedules going. Any number of replicas do this at once. */
@Injectable()
export class Scheduler {
  constructor(
    private readonly context: DriftContext,
    private readonly noteOutcomes: NoteOutcomes,
    private readonly takeTurns: TakeTurns,
    private readonly startTurn: StartTurn,
  ) {}

  /** The number of turns that were taken. */
  async round(): Promise<number> {
    await this.noteOutcomes.note();
    const taken = await this.takeTurns.take();
    await Promise.all(taken.map((turn) => this.start(turn)));
    return taken.length;
  }

  /** One that cannot be started is tried again when its lease is over. */
  private async start(turn: TakenTurn): Promise<void> {
    try {
      await this.startTurn.start(turn);
    } catch (err) {
      this.context.logger.warn({ err, schedule: turn.schedule.id }, 'a turn of a schedule is started later');
    }
  }
}
