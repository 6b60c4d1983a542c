// Databases on the one Postgres of a jest run.
import { randomBytes } from 'node:crypto';
import { startEmbeddedPostgres } from '@terramesh/database';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Ends whoever is still connected. */
  drop(): Promise<void>;
}

let server: Promise<string> | undefined;

/** A new, empty database. The server is started by whoever asks first; jest's global teardown stops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  server ??= sharedServer();
  const serverUrl = await server;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(serverUrl, `drop database if exists ${name} with (force)`) };
}

async function sharedServer(): Promise<string> {
  const given = process.env.TERRAMESH_TEST_POSTGRES_URL;
  if (given !== undefined) return given;
  const dataDir = process.env.TERRAMESH_TEST_POSTGRES_DIR;
  if (dataDir === undefined) throw new Error('createTestDatabase needs the global setup of jest.config.mjs');
  // Every worker does this; the first starts the server and the others adopt it.
  const { url } = await startEmbeddedPostgres({ dataDir, durability: 'process', onDeath: 'leave' });
  return url;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, statement_timeout: 30_000 });
  client.on('error', () => {});
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
