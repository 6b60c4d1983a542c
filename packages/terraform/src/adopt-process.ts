// After a restart: is the process of this directory still running, and how did it end?
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, defaultMaxOutputBytes, type Exit, signalProcessGroup, watchChild } from './child.js';
import { abandon, readExitCode, readIdentity } from './process-directory.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';

/**
 * `lost`: it is not running and how it ended is not recorded. It may have done all of its work, some or none; only a
 * process that was killed together with its wrapper, or one without `survives`, comes to that.
 */
export type Adoption =
  | { readonly status: 'running'; readonly child: Child }
  | { readonly status: 'exited'; readonly exit: Exit }
  | { readonly status: 'lost' };

export interface AdoptOptions {
  readonly maxOutputBytes?: number;
  /** How long a process that was being started may take to record itself, in ms; default 2000. */
  readonly recordWaitMs?: number;
}

const pollMs = 100;
/** Between the end of a process and its exit code becoming visible; more than none only on network file systems. */
const exitWaitMs = 500;
const unknownExit: Exit = { code: null, signal: null };

/** Takes over the process of a directory of `startProcess`. Safe to call again, and from several processes. */
export async function adoptProcess(directory: string, options: AdoptOptions = {}): Promise<Adoption> {
  const { maxOutputBytes = defaultMaxOutputBytes, recordWaitMs = 2_000 } = options;
  const recorded = await readExitCode(directory);
  if (recorded !== undefined) return { status: 'exited', exit: { code: recorded, signal: null } };
  const identity = await awaitIdentity(directory, recordWaitMs);
  if (identity === undefined) return { status: 'lost' };
  if (!isAlive(identity)) {
    const code = await awaitExitCode(directory);
    return code === undefined ? { status: 'lost' } : { status: 'exited', exit: { code, signal: null } };
  }
  return { status: 'running', child: adopt(identity, directory, maxOutputBytes) };
}

/**
 * Ends what a dead worker left behind: SIGKILL to the group, if the recorded process is still that very one. Resolves
 * when it is gone, or after 5 s with `stuck`.
 */
export async function killGroupIfAlive(directory: string): Promise<'killed' | 'not-running' | 'stuck'> {
  const identity = await readIdentity(directory);
  if (identity === undefined || !isAlive(identity)) return 'not-running';
  signalProcessGroup(identity.pid, 'SIGKILL');
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    if (!isAlive(identity)) return 'killed';
    await sleep(20);
  }
  return 'stuck';
}

function adopt(identity: ProcessIdentity, directory: string, maxOutputBytes: number): Child {
  const watching = new AbortController();
  return watchChild({
    pid: identity.pid,
    directory,
    maxOutputBytes,
    ended: pollUntilEnded(identity, directory, watching.signal),
    signalGroup(signal) {
      if (isAlive(identity)) signalProcessGroup(identity.pid, signal);
    },
    release: () => watching.abort(),
  });
}

async function pollUntilEnded(identity: ProcessIdentity, directory: string, signal: AbortSignal): Promise<Exit> {
  while (mayBeAlive(identity)) {
    if (signal.aborted) return new Promise<Exit>(() => {});
    await sleep(pollMs);
  }
  const code = await awaitExitCode(directory);
  return code === undefined ? unknownExit : { code, signal: null };
}

// A look that fails (too many open files) says nothing: look again.
function mayBeAlive(identity: ProcessIdentity): boolean {
  try {
    return isAlive(identity);
  } catch {
    return true;
  }
}

/**
 * The recorded process. Where none is recorded in time, whoever started it died first: it is given up, and the order of
 * the steps here and in the wrapper (record, look for `abandoned`, run) means that it runs only if it is returned here.
 */
async function awaitIdentity(directory: string, waitMs: number): Promise<ProcessIdentity | undefined> {
  const identity = await poll(() => readIdentity(directory), waitMs);
  if (identity !== undefined) return identity;
  await abandon(directory);
  return readIdentity(directory);
}

function awaitExitCode(directory: string): Promise<number | undefined> {
  return poll(() => readExitCode(directory), exitWaitMs);
}

async function poll<T>(read: () => Promise<T | undefined>, waitMs: number): Promise<T | undefined> {
  for (const deadline = Date.now() + waitMs; ; ) {
    const value = await read();
    if (value !== undefined || Date.now() >= deadline) return value;
    await sleep(20);
  }
}
