// Deliveries: claimed by one replica at a time, kept until somebody got them or nobody tries any more.
import { Injectable } from '@nestjs/common';
import { AppError, type DriftMessage, type driftWebhooks, type ParsedInput } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import type { DeliveryRow, WebhookRow } from './webhook-row.js';

const all = 'deliveries.*, (select kind from messages where messages.event_id = deliveries.event_id) as event';

/** An attempt that this replica makes. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly webhook_id: string;
  readonly kind: WebhookRow['kind'];
  readonly url: string;
  readonly secret: string | null;
  readonly message: DriftMessage;
  /** With this one. */
  readonly attempts: number;
  readonly age_ms: number;
  readonly now_ms: number;
}

export type AttemptOutcome =
  | { readonly status: 'delivered'; readonly httpStatus: number }
  | { readonly status: 'dead'; readonly httpStatus: number | null; readonly problem: string }
  | {
      readonly status: 'pending';
      readonly httpStatus: number | null;
      readonly problem: string;
      readonly delayMs: number;
    };

@Injectable()
export class DeliveryRepository {
  constructor(private readonly context: DriftContext) {}

  /**
   * Deliveries that are due, few of each webhook, none of the busy ones; the first of each webhook before the second of
   * any. Whoever does not finish one within the lease is taken for dead, and it is tried again.
   */
  async claim(options: {
    limit: number;
    perWebhook: number;
    busy: readonly string[];
    leaseMs: number;
  }): Promise<ClaimedDelivery[]> {
    const [rows] = await this.context.manager.query<[ClaimedDelivery[], number]>(
      `update deliveries set attempts = attempts + 1, next_attempt_at = now() + $4 * interval '1 millisecond',
         first_attempt_at = coalesce(first_attempt_at, now())
       from webhooks, messages
       where deliveries.id in (
         select due.id from webhooks cross join lateral (
           select id, next_attempt_at from deliveries
           where webhook_id = webhooks.id and status = 'pending' and next_attempt_at <= now()
           order by next_attempt_at limit $2 for update skip locked
         ) as due
         where webhooks.enabled and webhooks.id <> all($3::uuid[])
         order by row_number() over (partition by webhooks.id order by due.next_attempt_at), due.next_attempt_at
         limit $1
       ) and webhooks.id = deliveries.webhook_id and messages.event_id = deliveries.event_id
       returning deliveries.id, webhook_id, webhooks.kind, url, secret, message, attempts,
         (extract(epoch from now() - first_attempt_at) * 1000)::float8 as age_ms,
         (extract(epoch from now()) * 1000)::float8 as now_ms`,
      [options.limit, options.perWebhook, options.busy, options.leaseMs],
    );
    return rows;
  }

  /** Nothing when somebody else has tried since. */
  async finish({ id, attempts }: ClaimedDelivery, outcome: AttemptOutcome): Promise<void> {
    await this.context.manager.query(
      `update deliveries set status = $3::text, http_status = $4, problem = $5,
         next_attempt_at = now() + $6 * interval '1 millisecond', finished_at = case when $3 <> 'pending' then now() end
       where id = $1 and attempts = $2 and status = 'pending'`,
      [
        id,
        attempts,
        outcome.status,
        outcome.httpStatus,
        outcome.status === 'delivered' ? null : outcome.problem,
        outcome.status === 'pending' ? outcome.delayMs : 0,
      ],
    );
  }

  /** Newest first. */
  async page(page: ParsedInput<typeof driftWebhooks.listDeliveries>): Promise<DeliveryRow[]> {
    return await this.context.manager.query(
      `select ${all} from deliveries
       where ($1::bigint is null or number < $1) and ($2::uuid is null or webhook_id = $2)
         and ($3::text is null or status = $3)
       order by number desc limit $4`,
      [page.after, page.webhookId, page.status, page.limit],
    );
  }

  /** Throws NOT_FOUND, or CONFLICT when it is not dead. */
  async redeliver(id: string): Promise<DeliveryRow> {
    const [[row]] = await this.context.manager.query<[DeliveryRow[], number]>(
      `update deliveries set status = 'pending', attempts = 0, first_attempt_at = null, next_attempt_at = now(),
         finished_at = null
       where id = $1 and status = 'dead' returning ${all}`,
      [id],
    );
    if (row !== undefined) return row;
    const found = await this.context.manager.query<unknown[]>('select 1 from deliveries where id = $1', [id]);
    if (found.length === 0) throw new AppError('NOT_FOUND', `there is no delivery ${id}`);
    throw new AppError('CONFLICT', `delivery ${id} is not dead`);
  }

  /** Messages older than this go, with their deliveries, unless somebody still tries one; nobody does for a webhook that is off. */
  async forget(olderThanMs: number, limit: number): Promise<number> {
    const [, count] = await this.context.manager.query<[unknown[], number]>(
      `delete from messages where event_id in (
         select event_id from messages where created_at < now() - $1 * interval '1 millisecond' and not exists (
           select 1 from deliveries join webhooks on webhooks.id = webhook_id
           where deliveries.event_id = messages.event_id and status = 'pending' and enabled
         ) limit $2
       )`,
      [olderThanMs, limit],
    );
    return count;
  }
}
