import type { Delivery, DriftMessage, Webhook } from '@terramesh/contracts';

/** A row of `webhooks`. */
export interface WebhookRow {
  readonly id: string;
  readonly number: string;
  readonly kind: Webhook['kind'];
  readonly url: string;
  readonly secret: string | null;
  readonly events: Webhook['events'];
  readonly repository: string;
  readonly enabled: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A row of `deliveries` with the kind of its message. */
export interface DeliveryRow {
  readonly id: string;
  readonly number: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly event: DriftMessage['kind'];
  readonly status: Delivery['status'];
  readonly attempts: number;
  readonly http_status: number | null;
  readonly problem: string | null;
  readonly created_at: Date;
  readonly next_attempt_at: Date;
  readonly finished_at: Date | null;
}

export function webhookOf(row: WebhookRow): Webhook {
  const { id, kind, events, repository } = row;
  return {
    ...{ id, kind, events, repository },
    url: shownUrl(row),
    state: row.enabled ? 'enabled' : 'disabled',
    signed: row.secret === null ? 'no' : 'yes',
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function deliveryOf(row: DeliveryRow): Delivery {
  const { id, event, status, attempts, problem } = row;
  return {
    ...{ id, event, status, attempts, problem },
    webhookId: row.webhook_id,
    eventId: row.event_id,
    httpStatus: row.http_status,
    createdAt: row.created_at.toISOString(),
    nextAttemptAt: status === 'pending' ? row.next_attempt_at.toISOString() : null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** Whoever knows the path of a Slack url may write to the channel; of others the query may hold a token. */
function shownUrl({ kind, url }: WebhookRow): string {
  const { origin, pathname, search } = new URL(url);
  if (kind === 'slack') return `${origin}/…`;
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}
