// A process is its pid and its start time: a pid alone may belong to somebody else by now.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isFileError } from './file-error.js';

const hasProcfs = existsSync('/proc/self/stat');
const bootIdFile = '/proc/sys/kernel/random/boot_id';

/** Written as `<pid> <start>`. `start` is `<boot id> <clock ticks since boot>`, or what `ps -o lstart=` says. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** When `pid` started; undefined when there is no such process, or only the zombie of one. */
export function startOf(pid: number): string | undefined {
  return hasProcfs ? startFromProcfs(pid) : startFromPs(pid);
}

/** True as long as that very process runs. */
export function isAlive({ pid, start }: ProcessIdentity): boolean {
  return startOf(pid) === start;
}

/** The content of a pid file; undefined for one that is not wholly written. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^(\d{1,10}) (\S.*)\n$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { pid: Number(match[1]), start: match[2].trim().replace(/\s+/g, ' ') };
}

export function formatIdentity({ pid, start }: ProcessIdentity): string {
  return `${pid} ${start}\n`;
}

/** Shell commands that write the identity of the shell itself to `$0/pid`, as `parseIdentity` reads it. */
export const recordOwnIdentity = `
terramesh_record() { shift 19; printf '%s %s %s\\n' "$$" "$terramesh_boot" "$1" >"$0/pid"; }
if [ -r /proc/$$/stat ]; then
  read -r terramesh_stat </proc/$$/stat
  terramesh_boot=-
  [ -r ${bootIdFile} ] && read -r terramesh_boot <${bootIdFile}
  terramesh_record \${terramesh_stat##*) } || exit 125
else
  printf '%s %s\\n' "$$" "$(LC_ALL=C TZ=UTC0 ps -o lstart= -p $$)" >"$0/pid" || exit 125
fi`;

function startFromProcfs(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces and parentheses itself: fields count from the last one. proc(5).
  const fields = stat?.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [state, ticks] = [fields?.[0], fields?.[19]];
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined;
  return `${readIfThere(bootIdFile)?.trim() || '-'} ${ticks}`;
}

function startFromPs(pid: number): string | undefined {
  const { stdout, error } = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC0' },
    timeout: 5_000,
  });
  if (error !== undefined) throw error;
  const [state, ...start] = stdout.trim().split(/\s+/);
  return start.length === 0 || state?.startsWith('Z') ? undefined : start.join(' ');
}

// Any other failure is thrown: "too many open files" must not read as "the process is gone".
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined;
    throw error;
  }
}
