// A Postgres that a test may kill.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from '@terramesh/database';
import { until } from './until.js';

export interface TestPostgres {
  readonly url: string;
  readonly port: number;
  /** Kills the server as a crash would. Resolves when its processes are gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after a kill or after stopping it. */
  restart(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

export async function startTestPostgres(): Promise<TestPostgres> {
  // In the folder of the jest run: when that is killed, the next run finds the server there and stops it.
  const shared = process.env.TERRAMESH_TEST_POSTGRES_DIR;
  const parent = shared === undefined ? tmpdir() : dirname(shared);
  await mkdir(parent, { recursive: true });
  const dataDir = await mkdtemp(join(parent, 'terramesh-postgres-'));
  const options: EmbeddedPostgresOptions = { dataDir, durability: 'process', onDeath: 'leave' };
  let server = await startEmbeddedPostgres(options);
  const { url, port } = server;
  return {
    url,
    port,
    async kill() {
      const { pid } = server;
      process.kill(pid, 'SIGKILL');
      await until(() => !isAlive(pid), { describe: 'the end of Postgres' });
    },
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres({ ...options, port });
    },
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
