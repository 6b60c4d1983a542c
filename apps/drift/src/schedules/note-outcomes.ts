import { Injectable } from '@nestjs/common';
import { DriftContext } from '../context.js';
import type { Transaction } from '../persistence/transaction.js';
import { type EndedRow, TurnRepository } from '../persistence/turn.repository.js';
import { eachApart } from './each-apart.js';
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
      await eachApart(tx, await this.turns.advanced(tx, batchSize), {
        work: (part, row) => this.noteOne(part, row),
        failed: async (part, row, err) => {
          this.context.logger.error({ err, schedule: row.id }, 'the end of a detection was not noted');
          await this.turns.setLastStatus(part, row.id, row.detection_status);
        },
      });
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
