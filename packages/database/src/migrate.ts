// Brings one schema up to date: forward only, all or nothing, one replica at a time.
import { MigrationExecutor } from 'typeorm';
import { type ConnectionSettings, connectionOptions, type Migrations } from './connection-options.js';
import { ServiceDataSource } from './service-data-source.js';

// Whoever comes second waits for the migrations of whoever came first.
const lockWaitMs = 10 * 60_000;

/**
 * Creates the schema when it is missing and runs what has not run yet, in one transaction under an advisory lock.
 * Rejects with AppError('UNAVAILABLE') when the database is away; nothing is left half done.
 */
export async function migrate(settings: ConnectionSettings, migrations: Migrations): Promise<void> {
  const dataSource = new ServiceDataSource({
    ...connectionOptions({ ...settings, poolSize: 2, statementTimeoutMs: 0 }),
    migrations,
    migrationsTableName: 'migrations',
  });
  await dataSource.initialize();
  try {
    await dataSource.transaction(async ({ queryRunner }) => {
      if (queryRunner === undefined) throw new Error('a transaction has a query runner');
      await queryRunner.query(`set local statement_timeout = ${lockWaitMs}`);
      await queryRunner.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`migrate ${settings.schema}`]);
      await queryRunner.query('set local statement_timeout = 0');
      await queryRunner.query(`create schema if not exists "${settings.schema}"`);
      await new MigrationExecutor(dataSource, queryRunner).executePendingMigrations();
    });
  } finally {
    await dataSource.destroy();
  }
}
