// The files that one process leaves in its directory, and the only place that knows their names.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists } from './file-error.js';
import { formatIdentity, type ProcessIdentity, parseIdentity, recordOwnIdentity } from './process-identity.js';

/** Where a process of this directory writes: `merged` for both streams, or `stdout` and `stderr` apart. */
export function outputFiles(directory: string): { merged: string; stdout: string; stderr: string } {
  return {
    merged: join(directory, 'output.log'),
    stdout: join(directory, 'stdout'),
    stderr: join(directory, 'stderr'),
  };
}

/**
 * `sh -c` script around a command that is to survive us: `$0` is the directory, `"$@"` the command, nothing is
 * interpolated. The command starts only after the pid file is written and unless somebody gave the process up, and has
 * default signal handling; the wrapper outlives the SIGINT that both get, so that the exit code is always recorded.
 */
export const survivingWrapper = `${recordOwnIdentity}
[ -e "$0/abandoned" ] && exit 125
trap : INT TERM
"$@"
terramesh_code=$?
trap '' INT TERM
printf '%s\\n' "$terramesh_code" >"$0/exit.tmp" && PATH=$PATH:/usr/bin:/bin mv -f "$0/exit.tmp" "$0/exit"
exit "$terramesh_code"
`;

/** True when a process was started in the directory, or given up before it was. */
export async function isUsed(directory: string): Promise<boolean> {
  const names = await readdir(directory);
  return ['pid', 'exit', 'abandoned'].some((name) => names.includes(name));
}

/** The recorded process; undefined while (or if never) none is recorded. */
export async function readIdentity(directory: string): Promise<ProcessIdentity | undefined> {
  const text = await ifExists(readFile(join(directory, 'pid'), 'utf8'));
  return text === undefined ? undefined : parseIdentity(text);
}

export async function writeIdentity(directory: string, identity: ProcessIdentity): Promise<void> {
  await writeFile(join(directory, 'pid'), formatIdentity(identity), { mode: 0o600 });
}

/** The recorded exit code; undefined while there is none. */
export async function readExitCode(directory: string): Promise<number | undefined> {
  const text = await ifExists(readFile(join(directory, 'exit'), 'utf8'));
  const code = text === undefined ? undefined : /^(\d{1,3})\n$/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** From now on a wrapper of this directory that has not yet recorded itself will not start its command. */
export async function abandon(directory: string): Promise<void> {
  await ifExists(writeFile(join(directory, 'abandoned'), '', { mode: 0o600 }));
}
