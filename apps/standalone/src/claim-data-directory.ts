// One process per data directory: two would run two servers on one Postgres folder and claim each other's work.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.js';

export interface Claim {
  /** Gives the directory up. */
  release(): Promise<void>;
}

export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';

  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`${dataDir} is in use by process ${pid}. Stop that process, or set TERRAMESH_DATA_DIR to another folder.`);
  }
}

/**
 * Claims a data directory for this process; creates it, for its owner only, when it is not there.
 * Every process writes its own file first and looks for others after, so of two that start at once at most one goes on.
 * Files of processes that are gone (kill -9, power loss) are removed. Throws DataDirectoryInUse.
 */
export async function claimDataDirectory(dataDir: string): Promise<Claim> {
  const folder = join(dataDir, 'process');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = join(folder, String(process.pid));
  await writeFile(own, await startTime(process.pid), { mode: 0o600 });

  for (const entry of await readdir(folder)) {
    const pid = Number(entry);
    if (pid === process.pid) continue;
    const file = join(folder, entry);
    if (Number.isInteger(pid) && (await isSameProcess(pid, await readIfThere(file)))) {
      await rm(own, { force: true });
      throw new DataDirectoryInUse(dataDir, pid);
    }
    await rm(file, { force: true });
  }
  return { release: () => rm(own, { force: true }) };
}

/** True when the process lives and is the one that wrote the file, not a later one with its number. */
async function isSameProcess(pid: number, writtenStartTime: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const now = await startTime(pid);
  // An empty text: the other one has yet to write its start time, or this system does not tell.
  return now === '' || writtenStartTime === '' || now === writtenStartTime;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return isErrno(error, 'EPERM');
  }
}

/** When the process started, in clock ticks since boot; empty where /proc is not there. */
async function startTime(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  // The second field is the command in parentheses and may hold spaces; the start time is the 20th after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}
