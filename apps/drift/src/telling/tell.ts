import { DriftMessage } from '@terramesh/contracts';
import { insertMessage } from '../persistence/messages.js';
import type { Transaction } from '../persistence/transaction.js';

/**
 * Tells every webhook that wants such messages, once this transaction has committed, and nobody when it rolls back. A
 * message whose `eventId` was told before is not told again. Throws when the message does not fit its schema.
 */
export async function tell(tx: Transaction, message: DriftMessage): Promise<void> {
  await insertMessage(tx, DriftMessage.parse(message));
}
