// Served by apps/drift: whom to tell, and what became of it.
import { z } from 'zod';
import { operation } from '../operation.js';
import { DriftMessageKind } from './messages.js';

const Timestamp = z.iso.datetime({ offset: true });

export const WebhookKind = z.enum(['http', 'slack']).meta({ id: 'WebhookKind' });
export type WebhookKind = z.infer<typeof WebhookKind>;

const WebhookId = z.uuid('not the id of a webhook');
const Secret = z.string().min(16, 'must have at least 16 characters').max(255);
const changeable = {
  url: z.string().min(1).max(2048),
  /** Empty: all. */
  events: z.array(DriftMessageKind).max(32),
  /** `host/owner/name`, where * stands for any characters. */
  repository: z.string().min(1).max(512),
  state: z.enum(['enabled', 'disabled']),
};

/** Its secret is never read back, nor the part of the url that may be one. */
export const Webhook = z
  .object({
    ...changeable,
    id: WebhookId,
    kind: WebhookKind,
    signed: z.enum(['yes', 'no']),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

/** `dead`: nobody tries any more, unless asked to. */
export const DeliveryStatus = z.enum(['pending', 'delivered', 'dead']).meta({ id: 'DeliveryStatus' });
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

export const Delivery = z
  .object({
    id: z.uuid(),
    webhookId: WebhookId,
    eventId: z.uuid(),
    event: DriftMessageKind,
    status: DeliveryStatus,
    attempts: z.int().nonnegative(),
    /** Of the last answer, if there was one. */
    httpStatus: z.int().nullable(),
    problem: z.string().nullable(),
    createdAt: Timestamp,
    /** Null when it is over. */
    nextAttemptAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

const One = z.object({ webhookId: WebhookId });
const Page = z.object({
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'is not the end of a page')
    .nullable()
    .default(null),
  limit: z.int().min(1).max(100).default(20),
});

export const driftWebhooks = {
  /** INVALID for an address that is not to be told, CONFLICT when there are too many. */
  create: operation({
    subject: 'drift.create-webhook',
    input: z.object({ ...changeable, kind: WebhookKind, secret: Secret.nullable() }),
    output: Webhook,
  }),
  /** In the order of their creation. */
  list: operation({
    subject: 'drift.list-webhooks',
    input: Page,
    output: z.object({ webhooks: z.array(Webhook), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** NOT_FOUND. */
  get: operation({ subject: 'drift.get-webhook', input: One, output: Webhook, idempotent: true }),
  /** Changes what is given. INVALID, NOT_FOUND. */
  update: operation({
    subject: 'drift.update-webhook',
    input: One.extend(z.object({ ...changeable, secret: Secret }).partial().shape),
    output: Webhook,
  }),
  /** With its deliveries. NOT_FOUND. */
  delete: operation({ subject: 'drift.delete-webhook', input: One, output: z.object({}) }),
  /** Sends one message now, and says what came of it. NOT_FOUND. */
  test: operation({
    subject: 'drift.test-webhook',
    input: One,
    output: z.object({
      outcome: z.enum(['delivered', 'failed']),
      httpStatus: z.int().nullable(),
      problem: z.string().nullable(),
    }),
    timeoutMs: 20_000,
  }),
  /** Newest first, of one webhook or of all. NOT_FOUND when that webhook is not there. */
  listDeliveries: operation({
    subject: 'drift.list-deliveries',
    input: Page.extend({
      webhookId: WebhookId.nullable().default(null),
      status: DeliveryStatus.nullable().default(null),
    }),
    output: z.object({ deliveries: z.array(Delivery), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** Tries a dead delivery again, for as long as a new one. NOT_FOUND; CONFLICT when it is not dead. */
  redeliver: operation({
    subject: 'drift.redeliver',
    input: z.object({ deliveryId: z.uuid('not the id of a delivery') }),
    output: Delivery,
  }),
};
