// Messages and who is to get them: rows of the transaction that they tell of.
import type { DriftMessage } from '@terramesh/contracts';
import type { Transaction } from './transaction.js';

/** Writes the message and a delivery for every webhook that wants it. Nothing when the message exists. */
export async function insertMessage(tx: Transaction, message: DriftMessage): Promise<void> {
  const { eventId, kind, at, repository } = message;
  const inserted = await tx.query<{ event_id: string }[]>(
    `insert into messages (event_id, kind, at, hostname, repository, ref, message)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning event_id`,
    [eventId, kind, at, repository.hostname, repository.repository, message.ref, JSON.stringify(message)],
  );
  if (inserted.length === 0) return;
  await tx.query(
    `insert into deliveries (webhook_id, event_id)
     select id, $1 from webhooks
     where enabled and (cardinality(events) = 0 or $2 = any(events)) and lower($3) like repository_like`,
    [eventId, kind, `${repository.hostname}/${repository.repository}`],
  );
}
