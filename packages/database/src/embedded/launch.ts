// Spawns the server so that it outlives us, and waits until it is ready.
import { spawn } from 'node:child_process';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { livePostmaster, type Postmaster } from './postmaster.js';
import { type Durability, serverArgs, serverEnvironment } from './server-settings.js';
import type { ServerUser } from './server-user.js';

export interface LaunchPlan {
  readonly dataDir: string;
  readonly clusterDir: string;
  /** What the server calls its cluster's folder. */
  readonly directory: string;
  readonly bin: string;
  readonly major: number;
  readonly user: ServerUser;
  readonly durability: Durability;
}

// Recovery after a crash takes as long as its log is; see max_wal_size.
const readyTimeoutMs = 120_000;
const pollMs = 10;
const maxLogBytes = 5_000_000;

/** Rejects, with the end of the server's log, when it ends or does not become ready. */
export async function launch(plan: LaunchPlan, wantedPort: number | undefined): Promise<Postmaster> {
  const port = wantedPort ?? (await freePort());
  const logFile = join(plan.dataDir, 'postgres.log');
  const log = await openLog(logFile);
  const logStart = (await log.stat()).size;
  let ended: string | undefined;
  try {
    const child = spawn(join(plan.bin, 'postgres'), serverArgs({ ...plan, port }), {
      ...plan.user,
      cwd: plan.clusterDir,
      env: serverEnvironment(),
      // A process group of its own: a Ctrl-C for us is not one for the server.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('exit', (code, signal) => {
      ended = `it ended with ${signal ?? `exit code ${code}`}`;
    });
    child.unref();
    for (const giveUpAt = Date.now() + readyTimeoutMs; Date.now() < giveUpAt && ended === undefined; ) {
      const live = await livePostmaster(plan.clusterDir);
      if (live?.state === 'ready' && live.pid === child.pid) return live;
      await delay(pollMs);
    }
  } finally {
    await log.close();
  }
  const output = (await readFile(logFile)).subarray(logStart).toString().trim().slice(-2_000);
  throw new Error(`Postgres did not start: ${ended ?? 'it does not become ready'}.\n${output}`);
}

/**
 * Postgres itself overlooks a pid file of a dead process, but not one whose process id went to another process of the
 * same user since, as it does after a reboot or in a new container.
 */
export async function dropStalePidFile(clusterDir: string): Promise<void> {
  const file = join(clusterDir, 'postmaster.pid');
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === undefined || (await livePostmaster(clusterDir)) !== undefined) return;
  const after = await readFile(file, 'utf8').catch(() => undefined);
  if (before === after) await rm(file, { force: true });
}

async function openLog(file: string): Promise<FileHandle> {
  const log = await open(file, 'a', 0o600);
  if ((await log.stat()).size < maxLogBytes) return log;
  await log.close();
  await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
