import { Injectable } from '@nestjs/common';
import { NoteOutcomes } from './note-outcomes.js';
import { StartTurn } from './start-turn.js';
import { TakeTurns } from './take-turns.js';

/** One round of what keeps schedules going. Any number of replicas do this at once. */
@Injectable()
export class Scheduler {
  constructor(
    private readonly noteOutcomes: NoteOutcomes,
    private readonly takeTurns: TakeTurns,
    private readonly startTurn: StartTurn,
  ) {}

  /** The number of turns that were taken. */
  async round(): Promise<number> {
    await this.noteOutcomes.note();
    const taken = await this.takeTurns.take();
    await Promise.all(taken.map((turn) => this.startTurn.start(turn)));
    return taken.length;
  }
}
