// What tells one boot of a machine, and one process of a boot, from another.
import { readFile } from 'node:fs/promises';

/** The same until the machine is started again; empty where the system does not say (not Linux). */
export async function readBootId(): Promise<string> {
  return (await readOrUndefined('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';
}

/** When a process was started, in ticks since boot; undefined when there is no such process or the system does not say. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readOrUndefined(`/proc/${pid}/stat`);
  // The second field, the command, may contain spaces and parentheses; the start time is the 22nd.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

async function readOrUndefined(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
