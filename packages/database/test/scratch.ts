// What the tests of this package share: a server of their own, and one small schema.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import { type Database, openDatabase, outboxMigration, startEmbeddedPostgres } from '../src/index.js';

export interface Counter {
  id: string;
  value: number;
  note: string | null;
}

export const Counter = new EntitySchema<Counter>({
  name: 'Counter',
  tableName: 'counters',
  columns: { id: { type: 'text', primary: true }, value: { type: 'int' }, note: { type: 'text', nullable: true } },
});

class Counters1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table counters (id text primary key, value int not null, note text)');
  }
  async down(): Promise<void> {}
}

export async function scratchFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-database-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function scratchServer() {
  const { folder, remove } = await scratchFolder();
  const options = { dataDir: folder, durability: 'process', onDeath: 'leave' } as const;
  let server = await startEmbeddedPostgres(options);
  const { url, port } = server;
  return {
    url,
    async kill() {
      const { pid } = server;
      process.kill(pid, 'SIGKILL');
      await until(() => !isAlive(pid));
    },
    async restart() {
      server = await startEmbeddedPostgres({ ...options, port });
    },
    async stop() {
      await server.stop();
      await remove();
    },
  };
}

export async function openScratch(
  url: string,
  schema: string,
  options: { poolSize?: number; statementTimeoutMs?: number } = {},
) {
  return openDatabase({
    url,
    schema,
    entities: [Counter],
    migrations: [outboxMigration(schema), Counters1700000000001],
    applicationName: `test-${schema}`,
    waitMs: 0,
    ...options,
  });
}

export async function addCounter(database: Database, id: string): Promise<void> {
  await database.transaction((tx) => tx.insert(Counter, { id, value: 0 }));
}

export async function until(condition: () => unknown): Promise<void> {
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await delay(10)) if (await condition()) return;
  throw new Error('not within 20 s');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
