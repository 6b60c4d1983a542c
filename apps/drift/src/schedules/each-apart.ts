import { isTransient } from '@terramesh/database';
import type { Transaction } from '../persistence/transaction.js';

export interface Apart<T> {
  readonly work: (tx: Transaction, row: T) => Promise<void>;
  /** Instead, when the work throws: nothing of it is left then. */
  readonly failed: (tx: Transaction, row: T, error: unknown) => Promise<void>;
}

/** Each row in a savepoint of its own: one that throws stops no other. Rejects when all of it is to be done again. */
export async function eachApart<T>(tx: Transaction, rows: readonly T[], { work, failed }: Apart<T>): Promise<void> {
  for (const row of rows) {
    try {
      await tx.transaction((part) => work(part, row));
    } catch (error) {
      if (isTransient(error)) throw error;
      await tx.transaction((part) => failed(part, row, error));
    }
  }
}
