// The first connection to a server that says it is ready: proves that it is ours and makes the database.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isTransient, sqlStateOf } from '../transient.js';
import { connectionUrl, databaseName } from './server-settings.js';

const attempts = 20;
const retryDelayMs = 250;

/** Rejects when the server does not know our password: it was made with another one. */
export async function greet(password: string, port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createDatabase(password, port);
    } catch (error) {
      if (sqlStateOf(error) === '28P01') {
        throw new Error('The embedded Postgres has another password than the file `password` beside it.', {
          cause: error,
        });
      }
      if (attempt >= attempts || !isTransient(error)) throw error;
      await delay(retryDelayMs);
    }
  }
}

async function createDatabase(password: string, port: number): Promise<void> {
  const client = new pg.Client({
    connectionString: connectionUrl(password, port, 'postgres'),
    connectionTimeoutMillis: 5_000,
    application_name: 'terramesh-greeting',
  });
  // A broken connection rejects the query as well.
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`).catch(ignoreDuplicate);
  } finally {
    await client.end();
  }
}

function ignoreDuplicate(error: unknown): void {
  // Whoever starts beside us was first: 42P04, or 23505 when it was at the same moment.
  if (!['42P04', '23505'].includes(sqlStateOf(error) ?? '')) throw error;
}
