// What people say of a record: who owns it, that they know of it, that they want to hear nothing of it for a while.
import type { Acknowledged } from '../noise/news.js';
import { type RecordRow, recordColumns } from './record-row.js';
import type { Transaction } from './transaction.js';

/** Locked until `tx` ends. */
export async function lockRecord(tx: Transaction, id: string): Promise<RecordRow | undefined> {
  const [row] = await tx.query<RecordRow[]>(`select ${recordColumns} from records where id = $1 for update`, [id]);
  return row;
}

export interface Care {
  readonly owner: string | null;
  readonly acknowledged: Acknowledged | null;
  readonly snoozedUntil: Date | null;
}

/** Lock the record first. */
export async function saveCare(
  tx: Transaction,
  id: string,
  { owner, acknowledged, snoozedUntil }: Care,
): Promise<void> {
  await tx.query('update records set owner = $2, acknowledged = $3, snoozed_until = $4 where id = $1', [
    id,
    owner,
    acknowledged === null ? null : JSON.stringify(acknowledged),
    snoozedUntil,
  ]);
}
