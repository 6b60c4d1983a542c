// What every part of this service is given: its settings, its database and its logger.
import type { Database } from '@terramesh/database';
import type { Logger } from '@terramesh/service';
import type { DriftSettings } from './drift.settings.js';
import type { Transaction } from './persistence/transaction.js';

export class DriftContext {
  constructor(
    readonly settings: DriftSettings,
    readonly logger: Logger,
    readonly database: Database,
  ) {}

  /** For single statements. */
  get manager(): Transaction {
    return this.database.dataSource.manager;
  }

  /** Runs the work again when Postgres rolled it back because of what others did at the same time. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(work, { attempts: 4 });
  }
}
