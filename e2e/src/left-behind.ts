// Processes that work below a folder: the Terraform that outlives its worker, on purpose or by mistake. Needs /proc.
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface Found {
  readonly pid: number;
  readonly command: string;
  readonly cwd: string;
}

/** Those whose working directory is in the folder, or was when it still existed. Empty where there is no /proc. */
export async function processesBelow(folder: string): Promise<Found[]> {
  if (!existsSync('/proc/self')) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: Found[] = [];
  for (const pid of pids) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (!cwd.startsWith(folder + sep)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command !== '') found.push({ pid, cwd, command: command.replaceAll('\0', ' ').trim() });
  }
  return found;
}

export async function killBelow(folder: string): Promise<void> {
  for (const { pid } of await processesBelow(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Checkouts and folders of executions in the data directories of `runs`. */
export async function foldersLeftIn(dataDirs: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const dataDir of dataDirs)
    for (const folder of ['checkouts/marks', 'checkouts/trees', 'executions']) {
      const path = join(dataDir, 'runs', folder);
      left.push(...(await readdir(path)).map((name) => join(path, name)));
    }
  return left;
}
