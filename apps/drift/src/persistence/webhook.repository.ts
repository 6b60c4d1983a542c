import { Injectable } from '@nestjs/common';
import { AppError } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import type { Transaction } from './transaction.js';
import type { WebhookRow } from './webhook-row.js';

/** What people may set. */
export type WebhookSettings = Pick<WebhookRow, 'url' | 'secret' | 'events' | 'repository' | 'enabled'>;

@Injectable()
export class WebhookRepository {
  constructor(private readonly context: DriftContext) {}

  async count(tx: Transaction): Promise<number> {
    const [row] = await tx.query<{ count: number }[]>('select count(*)::int as count from webhooks');
    return row?.count ?? 0;
  }

  async insert(tx: Transaction, webhook: WebhookSettings & Pick<WebhookRow, 'kind'>): Promise<WebhookRow> {
    const { kind, url, secret, events, repository, enabled } = webhook;
    const [row] = await tx.query<WebhookRow[]>(
      `insert into webhooks (kind, url, secret, events, repository, repository_like, enabled)
       values ($1, $2, $3, $4, $5, $6, $7) returning *`,
      [kind, url, secret, events, repository, likeOf(repository), enabled],
    );
    if (row === undefined) throw new Error('no row was inserted');
    return row;
  }

  async update(tx: Transaction, id: string, webhook: WebhookSettings): Promise<void> {
    const { url, secret, events, repository, enabled } = webhook;
    await tx.query(
      `update webhooks set url = $2, secret = $3, events = $4, repository = $5, repository_like = $6, enabled = $7,
         updated_at = now() where id = $1`,
      [id, url, secret, events, repository, likeOf(repository), enabled],
    );
  }

  /** Throws NOT_FOUND. */
  async get(id: string, tx: Transaction = this.context.manager): Promise<WebhookRow> {
    const [row] = await tx.query<WebhookRow[]>('select * from webhooks where id = $1', [id]);
    return row ?? notFound(id);
  }

  /** Locked until `tx` ends. Throws NOT_FOUND. */
  async getLocked(id: string, tx: Transaction): Promise<WebhookRow> {
    const [row] = await tx.query<WebhookRow[]>('select * from webhooks where id = $1 for update', [id]);
    return row ?? notFound(id);
  }

  async page(after: string | null, limit: number): Promise<WebhookRow[]> {
    return await this.context.manager.query('select * from webhooks where number > $1 order by number limit $2', [
      after ?? '0',
      limit,
    ]);
  }

  /** With its deliveries. Throws NOT_FOUND. */
  async delete(id: string): Promise<void> {
    const [, count] = await this.context.manager.query<[unknown[], number]>('delete from webhooks where id = $1', [id]);
    if (count === 0) notFound(id);
  }
}

function notFound(id: string): never {
  throw new AppError('NOT_FOUND', `there is no webhook ${id}`);
}

/** A pattern with `*` for any characters, as `like` has it. */
function likeOf(pattern: string): string {
  return pattern
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%');
}
