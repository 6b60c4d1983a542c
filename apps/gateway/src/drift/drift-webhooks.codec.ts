// Webhooks and deliveries on the wire ⇄ the contract's.
import type { Delivery, driftWebhooks, OperationInput, Webhook } from '@terramesh/contracts';
import { parseJson } from '../http/json-body.js';
import { parseInput } from '../http/parse.js';
import { type DeliveryAnswer, type WebhookAnswer, WebhookChanges, WebhookRequest } from './drift-webhooks.routes.js';

type Changes = Omit<OperationInput<typeof driftWebhooks.update>, 'webhookId'>;

/** Throws INVALID that names every problem. */
export function decodeNewWebhook(body: unknown): OperationInput<typeof driftWebhooks.create> {
  const sent = parseInput(WebhookRequest, parseBody(body));
  const { kind, url, secret = null, events = [], repository = '*', enabled = true } = sent;
  return { kind, url, secret, events, repository, state: enabled ? 'enabled' : 'disabled' };
}

/** Throws INVALID that names every problem. */
export function decodeWebhookChanges(body: unknown): Changes {
  const { enabled, ...sent } = parseInput(WebhookChanges, parseBody(body));
  return { ...sent, state: enabled === undefined ? undefined : enabled ? 'enabled' : 'disabled' };
}

export function encodeWebhook(webhook: Webhook): WebhookAnswer {
  const { id, kind, url, events, repository } = webhook;
  return {
    ...{ id, kind, url, events, repository },
    signed: webhook.signed === 'yes',
    enabled: webhook.state === 'enabled',
    created_at: webhook.createdAt,
    updated_at: webhook.updatedAt,
  };
}

export function encodeDelivery(delivery: Delivery): DeliveryAnswer {
  const { id, event, status, attempts, problem } = delivery;
  return {
    ...{ id, event, status, attempts, problem },
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    http_status: delivery.httpStatus,
    created_at: delivery.createdAt,
    next_attempt_at: delivery.nextAttemptAt,
    finished_at: delivery.finishedAt,
  };
}

function parseBody(body: unknown): unknown {
  return parseJson(Buffer.isBuffer(body) ? body.toString('utf8') : '');
}
