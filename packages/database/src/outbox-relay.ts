// Publishes outbox rows in order and deletes them. A row is published again when the relay dies between the two.
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { type DatabaseLogger, silentLogger } from './logger.js';
import { outboxTable } from './outbox.js';

export interface OutboxRelayOptions {
  readonly database: Database;
  /** Rejects when the event did not leave. A retryable AppError is tried for ever, anything else ten times. */
  readonly publish: (subject: string, payload: unknown) => Promise<void>;
  readonly logger?: DatabaseLogger;
  /** How often to look without being rung, in ms. Default 1 s. */
  readonly pollMs?: number;
  /** How long after a commit it looks, in ms, for events that nobody waits for: what goes on meanwhile goes first. Default 0. */
  readonly patienceMs?: number;
}

interface OutboxRow {
  readonly id: string;
  readonly subject: string;
  readonly payload: unknown;
}

type Outcome = 'done' | 'more' | 'busy' | 'failed';

const batchSize = 100;
const busyDelayMs = 25;
const publishTimeoutMs = 5_000;
// Well below idle_in_transaction_session_timeout: between two publishes the transaction is idle.
const batchTimeoutMs = 20_000;
const maxFailures = 10;

/** One per process and schema; of all of them one publishes at a time, so that the order holds across replicas. */
export class OutboxRelay {
  private readonly table: string;
  private readonly logger: DatabaseLogger;
  private readonly pollMs: number;
  private readonly patienceMs: number;
  private loop: Promise<void> | undefined;
  private stopListening: () => void = () => {};
  private stopping = new AbortController();
  private rest = new AbortController();
  private failing = false;

  constructor(private readonly options: OutboxRelayOptions) {
    this.table = outboxTable(options.database.schema);
    this.logger = options.logger ?? silentLogger;
    this.pollMs = options.pollMs ?? 1_000;
    this.patienceMs = options.patienceMs ?? 0;
  }

  /** Publishes from now on, after every commit of this database that announced something and at every poll. */
  start(): void {
    if (this.loop !== undefined) return;
    this.stopping = new AbortController();
    this.stopListening = this.options.database.onAnnounced(() => this.ring());
    this.loop = this.run(this.stopping.signal);
  }

  /** Resolves when the batch at hand is published. */
  async stop(): Promise<void> {
    this.stopListening();
    this.stopping.abort();
    this.ring();
    await this.loop;
    this.loop = undefined;
  }

  /** Looks now instead of at the next poll. */
  ring(): void {
    this.rest.abort();
  }

  private async run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      this.rest = new AbortController();
      const outcome = await this.drain();
      if (outcome === 'busy') await delay(busyDelayMs);
      else if (outcome === 'failed') await delay(this.pollMs, undefined, { signal: stopping }).catch(() => {});
      else if (outcome === 'done') {
        await delay(this.pollMs, undefined, { signal: this.rest.signal }).catch(() => {});
        if (this.patienceMs > 0) await delay(this.patienceMs, undefined, { signal: stopping }).catch(() => {});
      }
    }
  }

  private async drain(): Promise<Outcome> {
    const { database } = this.options;
    try {
      // Nearly always empty; this spares a transaction a second.
      const waiting: unknown[] = await database.dataSource.query(
        `select 1 from ${this.table} where parked_at is null limit 1`,
      );
      if (waiting.length === 0) return 'done';
      return await database.transaction((tx) => this.publishBatch(tx));
    } catch (error) {
      this.noteFailure({ error });
      return 'failed';
    }
  }

  private async publishBatch(tx: EntityManager): Promise<Outcome> {
    const [lock] = await tx.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken', [this.table]);
    if (!lock.taken) return 'busy';
    const rows: OutboxRow[] = await tx.query(
      `select id, subject, payload from ${this.table} where parked_at is null order by id limit ${batchSize}`,
    );
    const published: string[] = [];
    const giveUpAt = Date.now() + batchTimeoutMs;
    let failure: { row: OutboxRow; error: unknown } | undefined;
    for (const row of rows) {
      if (Date.now() > giveUpAt || this.stopping.signal.aborted) break;
      failure = await this.publishRow(row);
      if (failure !== undefined) break;
      published.push(row.id);
    }
    if (published.length > 0) await tx.query(`delete from ${this.table} where id = any($1::bigint[])`, [published]);
    if (failure !== undefined) {
      await this.recordFailure(tx, failure.row, failure.error);
      return 'failed';
    }
    if (this.failing) this.logger.info({ table: this.table }, 'the outbox publishes again');
    this.failing = false;
    return published.length < rows.length || rows.length === batchSize ? 'more' : 'done';
  }

  private async publishRow(row: OutboxRow): Promise<{ row: OutboxRow; error: unknown } | undefined> {
    const timer = new AbortController();
    const timeout = delay(publishTimeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new AppError('TIMEOUT', `publishing ${row.subject} took too long`);
    });
    try {
      await Promise.race([this.options.publish(row.subject, row.payload), timeout]);
      return undefined;
    } catch (error) {
      return { row, error };
    } finally {
      timer.abort();
      timeout.catch(() => {});
    }
  }

  /** An event that can never leave must not hold up the others: it is parked, and stays in the table. */
  private async recordFailure(tx: EntityManager, row: OutboxRow, error: unknown): Promise<void> {
    this.noteFailure({ error, id: row.id, subject: row.subject });
    if (isAppError(error) && error.retryable) return;
    const [updated]: [{ parked_at: Date | null }[], number] = await tx.query(
      `update ${this.table} set failures = failures + 1,
         parked_at = case when failures + 1 >= ${maxFailures} then now() end
       where id = $1 returning parked_at`,
      [row.id],
    );
    if (updated[0]?.parked_at) this.logger.error({ error, id: row.id, subject: row.subject }, 'an event was given up');
  }

  private noteFailure(fields: object): void {
    if (!this.failing)
      this.logger.warn({ ...fields, table: this.table }, 'the outbox cannot publish; it goes on trying');
    this.failing = true;
  }
}
