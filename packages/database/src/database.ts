// One service's schema on Postgres.
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@terramesh/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import {
  type ConnectionSettings,
  checkSchemaName,
  connectionOptions,
  type Entities,
  type Migrations,
} from './connection-options.js';
import { migrate } from './migrate.js';
import { hasAnnounced } from './outbox.js';
import { ServiceDataSource, translate } from './service-data-source.js';
import { isSerializationFailure, isTransient } from './transient.js';

export interface DatabaseOptions {
  readonly url: string;
  /** One per service; created when it is missing. It is also the search path of every connection. */
  readonly schema: string;
  readonly entities: Entities;
  readonly migrations: Migrations;
  readonly applicationName: string;
  /** Default 8. */
  readonly poolSize?: number;
  /** How long one statement may take, in ms. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a database that is still starting, in ms. Default 30 s. */
  readonly waitMs?: number;
}

export interface TransactionOptions {
  /** Default READ COMMITTED. */
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  /**
   * How often the work may run. Default 1. More than one is for work without effects outside the transaction: it runs
   * again when Postgres rolled it back for a deadlock or a serialization failure, and for no other reason.
   */
  readonly attempts?: number;
}

/** Everything rejects with AppError('UNAVAILABLE') when the failure may pass by itself; so do queries of `dataSource`. */
export interface Database {
  readonly dataSource: DataSource;
  readonly schema: string;
  /** UNAVAILABLE may also mean that the commit was lost on its way back: repeat only what is idempotent. */
  transaction<T>(work: (tx: EntityManager) => Promise<T>, options?: TransactionOptions): Promise<T>;
  ping(): Promise<void>;
  /** Calls the listener after every commit that announced something; returns how to stop that. */
  onAnnounced(listener: () => void): () => void;
  /** Refuses new transactions, waits for the running ones (at most 10 s), then closes every connection. */
  close(): Promise<void>;
}

const retryDelayMs = 25;
const openDelayMs = 250;
const closeGraceMs = 10_000;
const silenceGraceMs = 5_000;

/** Opens the schema after bringing it up to date. Any number of replicas may do so at once. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const settings: ConnectionSettings = {
    url: options.url,
    schema: checkSchemaName(options.schema),
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 8,
    statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
  };
  const dataSource = new ServiceDataSource({ ...connectionOptions(settings), entities: options.entities });
  dataSource.silenceTimeoutMs = settings.statementTimeoutMs + silenceGraceMs;

  const giveUpAt = Date.now() + (options.waitMs ?? 30_000);
  for (;;) {
    try {
      await migrate(settings, options.migrations);
      await dataSource.initialize();
      return new ServiceDatabase(dataSource, settings.schema);
    } catch (error) {
      if (!isTransient(error) || Date.now() + openDelayMs > giveUpAt) throw translate(error);
      await delay(openDelayMs);
    }
  }
}

class ServiceDatabase implements Database {
  private readonly running = new Set<Promise<unknown>>();
  private readonly listeners = new Set<() => void>();
  private closing: Promise<void> | undefined;

  constructor(
    readonly dataSource: DataSource,
    readonly schema: string,
  ) {}

  async transaction<T>(work: (tx: EntityManager) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const attempts = options.attempts ?? 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(work, options.isolation);
      } catch (error) {
        if (attempt >= attempts || !isSerializationFailure(error)) throw translate(error);
        // Apart, or the same two deadlock again.
        await delay(retryDelayMs * attempt * (0.5 + Math.random()));
      }
    }
  }

  private async attempt<T>(
    work: (tx: EntityManager) => Promise<T>,
    isolation: TransactionOptions['isolation'],
  ): Promise<T> {
    if (this.closing !== undefined) throw new AppError('UNAVAILABLE', 'the database is being closed');
    let announced = false;
    const observed = async (tx: EntityManager) => {
      const result = await work(tx);
      announced = hasAnnounced(tx);
      return result;
    };
    // Postgres' own default is READ COMMITTED: naming it would cost a round trip.
    const attempt =
      isolation === undefined
        ? this.dataSource.transaction(observed)
        : this.dataSource.transaction(isolation, observed);
    this.running.add(attempt);
    try {
      const result = await attempt;
      if (announced) for (const listener of this.listeners) listener();
      return result;
    } finally {
      this.running.delete(attempt);
    }
  }

  async ping(): Promise<void> {
    await this.dataSource.query('select 1');
  }

  onAnnounced(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    this.closing ??= this.drainAndDestroy();
    return this.closing;
  }

  private async drainAndDestroy(): Promise<void> {
    const timer = new AbortController();
    const grace = delay(closeGraceMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.running), grace]);
    timer.abort();
    await this.dataSource.destroy();
  }
}
