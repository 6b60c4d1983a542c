// One place for how every connection to Postgres behaves.
import type { DataSourceOptions, Logger } from 'typeorm';
import { TrackedClient } from './tracked-client.js';

export type Entities = NonNullable<DataSourceOptions['entities']>;
export type Migrations = NonNullable<DataSourceOptions['migrations']>;

export interface ConnectionSettings {
  readonly url: string;
  readonly schema: string;
  readonly applicationName: string;
  readonly poolSize: number;
  /** 0 = none. */
  readonly statementTimeoutMs: number;
}

const connectTimeoutMs = 5_000;
const idleTimeoutMs = 20_000;
const idleInTransactionTimeoutMs = 60_000;

const nothing = () => {};

/** TypeORM writes failures to the console even with its logging off; they are thrown as well, and logged by us. */
const silentTypeormLogger: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

export function connectionOptions(settings: ConnectionSettings) {
  return {
    type: 'postgres',
    url: settings.url,
    schema: settings.schema,
    applicationName: settings.applicationName,
    poolSize: settings.poolSize,
    connectTimeoutMS: connectTimeoutMs,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    logging: false,
    logger: silentTypeormLogger,
    // The pool drops a client whose connection broke while idle; the next query connects again.
    poolErrorHandler: nothing,
    extra: {
      Client: TrackedClient,
      idleTimeoutMillis: idleTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      statement_timeout: settings.statementTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
      // So that SQL by hand names tables as the entities do.
      options: `-c search_path=${settings.schema}`,
    },
  } as const satisfies DataSourceOptions;
}

/** Throws unless it is a plain lower-case identifier: it becomes part of SQL. */
export function checkSchemaName(schema: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new Error(`not a schema name: ${JSON.stringify(schema)}`);
  return schema;
}
