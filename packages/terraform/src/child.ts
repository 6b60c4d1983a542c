// A running process that we started, or that an earlier life of this service started.
import { stat } from 'node:fs/promises';
import { ifExists, isFileError } from './file-error.js';
import { outputFiles } from './process-directory.js';
import { stopChild } from './stop-child.js';

/** How a process ended. */
export interface Exit {
  /** Null when it is not known: a signal ended it, or it vanished without a record. Only 0 is success. */
  readonly code: number | null;
  /** Null when it exited by itself, or when it is not known. A surviving child reports a signal as code 128 + number. */
  readonly signal: NodeJS.Signals | null;
  /** Set when it was stopped here: its output grew past `maxOutputBytes`. */
  readonly stoppedFor?: 'output-limit';
}

export interface Child {
  /** Leader of its own process group. For a surviving child it is the wrapper. */
  readonly pid: number;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** SIGINT to the group, as Ctrl-C in a terminal; Terraform finishes what it can and writes the state. */
  interrupt(): void;
  /** SIGKILL to the group. The state may be lost: last resort. */
  kill(): void;
  /** Stops watching without ending it, for a shutdown that leaves it running; `exited` may then never settle. */
  release(): void;
}

/** A process to watch: how to learn of its end, how to signal its group while it lives, how to let go. */
export interface Watched {
  readonly pid: number;
  readonly directory: string;
  readonly maxOutputBytes: number;
  readonly ended: Promise<Exit>;
  signalGroup(signal: NodeJS.Signals): void;
  release(): void;
}

export const defaultMaxOutputBytes = 1024 ** 3;
const outputCheckMs = 1_000;
const outputLimitGrace = { interruptGraceMs: 60_000, secondGraceMs: 60_000 };

/** The Child of a watched process, with the bound on its output. */
export function watchChild({ pid, directory, maxOutputBytes, ended, signalGroup, release }: Watched): Child {
  let stoppedFor: 'output-limit' | undefined;
  const exited = ended.then((exit): Exit => {
    clearInterval(timer);
    return stoppedFor === undefined ? exit : { ...exit, stoppedFor };
  });
  const child: Child = {
    pid,
    exited,
    interrupt: () => signalGroup('SIGINT'),
    kill: () => signalGroup('SIGKILL'),
    release() {
      clearInterval(timer);
      release();
    },
  };
  const checkOutput = async () => {
    if (stoppedFor !== undefined || (await outputBytes(directory)) <= maxOutputBytes) return;
    stoppedFor = 'output-limit';
    clearInterval(timer);
    await stopChild(child, outputLimitGrace);
  };
  // Nobody awaits the check. A failed look is repeated; a stuck child shows as an `exited` that does not settle.
  const timer = setInterval(() => void checkOutput().catch(() => undefined), outputCheckMs);
  timer.unref();
  return child;
}

/** Signals a process group; nothing happens when it is gone. */
export function signalProcessGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!isFileError(error, 'ESRCH')) throw error;
  }
}

async function outputBytes(directory: string): Promise<number> {
  const sizes = await Promise.all(
    Object.values(outputFiles(directory)).map(async (path) => (await ifExists(stat(path)))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
