// What every part of this service is given: its settings, its database, its logger and its folders.
import { availableParallelism } from 'node:os';
import type { Database } from '@terramesh/database';
import type { Environment, Logger } from '@terramesh/service';
import type { Launcher } from '@terramesh/terraform';
import type { Transaction } from './persistence/transaction.js';
import type { RunsSettings } from './runs.settings.js';

export interface Surroundings {
  readonly settings: RunsSettings;
  readonly database: Database;
  readonly logger: Logger;
  /** The environment of this process; Terraform gets a chosen part of it. */
  readonly environment: Environment;
  /** Names this data directory; leases are owned by it, so that a restarted worker finds its own. */
  readonly hostId: string;
  readonly folders: Folders;
  /** Starts git, and every Terraform that need not survive this process. */
  readonly launcher: Launcher;
  /** Takes known secrets out of a text. */
  readonly mask: (text: string) => string;
  /** How long live work may go on after a stop was asked for, in ms. */
  readonly shutdownGraceMs: number;
}

/** All absolute. */
export interface Folders {
  readonly checkouts: string;
  readonly mirrors: string;
  /** One folder per execution: process files and output. */
  readonly executions: string;
  /** States that Terraform could not store in their backend; nobody deletes them. */
  readonly erroredStates: string;
  /** One kept TF_DATA_DIR per target. */
  readonly dataDirs: string;
  /** Providers, kept once for all targets. */
  readonly providerStore: string;
  readonly home: string;
}

export class RunsContext {
  readonly settings: RunsSettings;
  readonly database: Database;
  readonly logger: Logger;
  readonly environment: Environment;
  readonly hostId: string;
  readonly folders: Folders;
  readonly launcher: Launcher;
  readonly mask: (text: string) => string;
  readonly shutdownGraceMs: number;
  /** 32 bytes, or null: what is stored is not encrypted. */
  readonly encryptionKey: Buffer | null;
  readonly concurrency: number;

  constructor(surroundings: Surroundings) {
    const { settings } = surroundings;
    this.settings = settings;
    this.database = surroundings.database;
    this.logger = surroundings.logger;
    this.environment = surroundings.environment;
    this.hostId = surroundings.hostId;
    this.folders = surroundings.folders;
    this.launcher = surroundings.launcher;
    this.mask = surroundings.mask;
    this.shutdownGraceMs = surroundings.shutdownGraceMs;
    this.encryptionKey = settings.encryptionKey === undefined ? null : Buffer.from(settings.encryptionKey, 'base64');
    this.concurrency = settings.concurrency ?? Math.max(2, availableParallelism());
  }

  get manager(): Transaction {
    return this.database.dataSource.manager;
  }

  /** Runs the work again when Postgres rolled it back because of what others did at the same time. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(work, { attempts: 4 });
  }
}
