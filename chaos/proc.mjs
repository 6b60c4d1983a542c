// What /proc tells: which processes belong to a folder, and which are children of which.
import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Processes that work below the folder, name it in their command or were given it in their environment: a Terraform that
 * outlived its worker has the worker's home, wherever it works.
 */
export async function processesOf(folder) {
  const found = [];
  for (const pid of await pids()) {
    if (pid === process.pid) continue;
    const [cwd, command, environment] = await Promise.all([
      readlink(`/proc/${pid}/cwd`).catch(() => ''),
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
    ]);
    if (command === '' || ![cwd, command, environment].some((text) => text.includes(folder))) continue;
    found.push({ pid, cwd, command: command.replaceAll('\0', ' ').trim() });
  }
  return found;
}

export async function childrenOf(parent) {
  const found = [];
  for (const pid of await pids()) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) found.push(pid);
  }
  return found;
}

/** One that has ended meanwhile needs no kill. */
export function killQuietly(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function pids() {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}
