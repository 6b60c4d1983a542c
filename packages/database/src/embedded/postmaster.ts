// The server process that runs, or is said to run, on a cluster.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly state: 'starting' | 'ready' | 'stopping';
}

const pollMs = 10;

/** What `postmaster.pid` says, when the process it names lives and is the server of this cluster. */
export async function livePostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  const file = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '');
  // https://www.postgresql.org/docs/current/storage-file-layout.html: pid, folder, start, port, socket, address, shared memory, status
  const lines = file.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !(await isServerOf(clusterDir, pid))) return undefined;
  const state = lines[7] === 'ready' ? 'ready' : lines[7] === 'stopping' ? 'stopping' : 'starting';
  return { pid, port: Number(lines[3]), state };
}

/** False when the process is gone, or when its id now belongs to another. */
export async function isServerOf(clusterDir: string, pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return isPostgresByName(pid);
  try {
    // A server works in its cluster's folder; a zombie works nowhere.
    const [cluster, cwd] = await Promise.all([stat(clusterDir), stat(`/proc/${pid}/cwd`)]);
    return cluster.ino === cwd.ino && cluster.dev === cwd.dev;
  } catch {
    return false;
  }
}

/** Fast shutdown; after `graceMs` an immediate one, which the next start recovers from. Rejects when nothing helps. */
export async function stopPostmaster(clusterDir: string, pid: number, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', graceMs],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!(await isServerOf(clusterDir, pid))) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw error;
    }
    if (await waitUntilGone(clusterDir, pid, waitMs)) return;
  }
  throw new Error(`Postgres (process ${pid}) does not stop.`);
}

export async function waitUntilGone(clusterDir: string, pid: number, timeoutMs: number): Promise<boolean> {
  for (const giveUpAt = Date.now() + timeoutMs; Date.now() < giveUpAt; await delay(pollMs)) {
    if (!(await isServerOf(clusterDir, pid))) return true;
  }
  return false;
}

async function isPostgresByName(pid: number): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,command=', '-p', String(pid)], { timeout: 5_000 });
    return !stdout.trim().startsWith('Z') && stdout.includes('postgres');
  } catch {
    return false;
  }
}
