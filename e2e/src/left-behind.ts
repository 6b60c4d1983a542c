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
  for (const dataDir of dataDirs) {
    const spares = await spareTrees(dataDir);
    for (const folder of ['checkouts/marks', 'checkouts/trees', 'executions']) {
      const path = join(dataDir, 'runs', folder);
      const names = (await namesIn(path)).filter((name) => !spares.has(name));
      left.push(...names.map((name) => join(path, name)));
    }
  }
  return left;
}

/** Those made ahead of time are to stay for a while. */
async function spareTrees(dataDir: string): Promise<Set<string>> {
  const folder = join(dataDir, 'runs', 'checkouts', 'spares');
  const marks = (await namesIn(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(marks.map((name) => readFile(join(folder, name), 'utf8').catch(() => '{}')));
  return new Set(texts.map((text) => JSON.parse(text).tree));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
