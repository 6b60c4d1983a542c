import { Injectable } from '@nestjs/common';
import { DriftContext } from '../context.js';
import type { Transaction } from '../persistence/transaction.js';
import { type EndedRow, TurnRepository } from '../persistence/turn.repository.js';
import { NoteFailure } from './note-failure.js';

const batchSize = 100;

@Injectable()
export class NoteOutcomes {
  constructor(
    private readonly context: DriftContext,
    private readonly turns: TurnRepository,
    private readonly noteFailure: NoteFailure,
  ) {}

  /** Schedules learn what became of their last detections. */
  async note(): Promise<void> {
    await this.context.transaction(async (tx) => {
      for (const row of await this.turns.advanced(tx, batchSize)) await this.noteOne(tx, row);
    });
  }

  private async noteOne(tx: Transaction, row: EndedRow): Promise<void> {
    await this.turns.setLastStatus(tx, row.id, row.detection_status);
    if (row.detection_status === 'failed') {
      await this.noteFailure.note(tx, row, row.detection_error ?? 'no target could be checked');
    } else if (row.detection_status !== 'running' && row.problem !== null) {
      const nextRunAt = row.next_run_at.getTime();
      await this.turns.setFailure(tx, { id: row.id, failures: 0, problem: null, nextRunAt });
    }
  }
}
