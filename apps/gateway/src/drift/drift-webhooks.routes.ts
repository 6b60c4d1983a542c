import { DeliveryStatus, DriftMessageKind, WebhookKind } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

const Timestamp = z.iso.datetime({ offset: true });

const changeable = {
  url: z.string().min(1).max(2048).optional(),
  secret: z.string().min(16).max(255).optional().describe('What messages are signed with; never read back.'),
  events: z.array(DriftMessageKind).max(32).optional().describe('Which messages; all when empty or absent.'),
  repository: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('Of which repositories: `host/owner/name`, * for any characters; all when absent.'),
  enabled: z.boolean().optional(),
};

export const WebhookChanges = z.strictObject(changeable).meta({ id: 'DriftWebhookChanges' });

export const WebhookRequest = z
  .strictObject({ ...changeable, url: z.string().min(1).max(2048), kind: WebhookKind.default('http') })
  .meta({ id: 'DriftWebhookRequest' });

const WebhookAnswer = z
  .object({
    id: z.uuid(),
    kind: WebhookKind,
    url: z.string().describe('Without the parts that may be secrets.'),
    signed: z.boolean(),
    events: z.array(DriftMessageKind),
    repository: z.string(),
    enabled: z.boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'DriftWebhook' });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

const DeliveryAnswer = z
  .object({
    id: z.uuid(),
    webhook_id: z.uuid(),
    event_id: z.uuid(),
    event: DriftMessageKind,
    status: DeliveryStatus,
    attempts: z.int(),
    http_status: z.int().nullable(),
    problem: z.string().nullable(),
    created_at: Timestamp,
    next_attempt_at: Timestamp.nullable(),
    finished_at: Timestamp.nullable(),
  })
  .meta({ id: 'DriftDelivery' });
export type DeliveryAnswer = z.infer<typeof DeliveryAnswer>;

export const WebhookParams = z.object({ id: z.uuid() });

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(32).optional().describe('`next` of the page before.'),
});

export const DeliveriesQuery = PageQuery.extend({ status: DeliveryStatus.optional() });

const outages = ['UNAVAILABLE', 'TIMEOUT'] as const;
const one = ['INVALID', 'NOT_FOUND', ...outages] as const;
// Reads need the token too: where a company's receivers are is not for everybody.
const shared = { tag: 'Drift', access: 'token' } as const;
const path = '/api/drift/webhooks';
const deliveries = {
  200: {
    description: 'One page.',
    schema: z.object({ deliveries: z.array(DeliveryAnswer), next: z.string().nullable() }),
  },
};

export const webhookRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path,
    summary: 'List whom drift tells, in the order of their creation',
    query: PageQuery,
    responses: {
      200: {
        description: 'One page.',
        schema: z.object({ webhooks: z.array(WebhookAnswer), next: z.string().nullable() }),
      },
    },
    errors: ['INVALID', ...outages],
  },
  create: {
    ...shared,
    method: 'POST',
    path,
    summary: 'Tell somebody of drift',
    body: WebhookRequest,
    responses: { 201: { description: 'The webhook; `Location` is its own.', schema: WebhookAnswer } },
    errors: ['INVALID', 'CONFLICT', 'TOO_LARGE', ...outages],
  },
  get: {
    ...shared,
    method: 'GET',
    path: `${path}/:id`,
    summary: 'Get a webhook',
    params: WebhookParams,
    responses: { 200: { description: 'The webhook.', schema: WebhookAnswer } },
    errors: one,
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: `${path}/:id`,
    summary: 'Change, disable or enable a webhook',
    params: WebhookParams,
    body: WebhookChanges,
    responses: { 200: { description: 'The webhook as it is now.', schema: WebhookAnswer } },
    errors: [...one, 'TOO_LARGE'],
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: `${path}/:id`,
    summary: 'Delete a webhook and its deliveries',
    params: WebhookParams,
    responses: { 204: { description: 'Deleted.' } },
    errors: one,
  },
  test: {
    ...shared,
    method: 'POST',
    path: `${path}/:id/test`,
    summary: 'Send a test message now and say what came of it',
    params: WebhookParams,
    responses: {
      200: {
        description: 'Whether it was delivered.',
        schema: z.object({
          delivered: z.boolean(),
          http_status: z.int().nullable(),
          problem: z.string().nullable(),
        }),
      },
    },
    errors: one,
  },
  deliveriesOf: {
    ...shared,
    method: 'GET',
    path: `${path}/:id/deliveries`,
    summary: 'List what was sent to a webhook, newest first; kept for 30 days',
    params: WebhookParams,
    query: DeliveriesQuery,
    responses: deliveries,
    errors: one,
  },
  deliveries: {
    ...shared,
    method: 'GET',
    path: '/api/drift/deliveries',
    summary: 'List what was sent to all webhooks, newest first; `dead` is what nobody tries any more',
    query: DeliveriesQuery,
    responses: deliveries,
    errors: ['INVALID', ...outages],
  },
  redeliver: {
    ...shared,
    method: 'POST',
    path: '/api/drift/deliveries/:id/redeliver',
    summary: 'Try a dead delivery again',
    params: WebhookParams,
    responses: { 202: { description: 'It is tried again.', schema: DeliveryAnswer } },
    errors: [...one, 'CONFLICT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
