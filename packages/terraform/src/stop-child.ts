import type { Child, Exit } from './child.js';
import { settlesWithin } from './settles-within.js';

/** Even SIGKILL did not end it: it is stuck in the kernel and must be taken for running. */
export class ChildStuckError extends Error {
  override readonly name = 'ChildStuckError';

  constructor(readonly pid: number) {
    super(`process ${pid} is still there after SIGKILL`);
  }
}

export interface StopGrace {
  /** From the first SIGINT to the second, in ms. */
  readonly interruptGraceMs: number;
  /** From the second SIGINT to SIGKILL, in ms: long for anything that writes state. */
  readonly secondGraceMs: number;
}

const killGraceMs = 30_000;

/** SIGINT, wait, SIGINT, wait long, SIGKILL to the group. Resolves when it is gone; throws ChildStuckError. */
export async function stopChild(child: Child, { interruptGraceMs, secondGraceMs }: StopGrace): Promise<Exit> {
  child.interrupt();
  if (await settlesWithin(child.exited, interruptGraceMs)) return child.exited;
  child.interrupt();
  if (await settlesWithin(child.exited, secondGraceMs)) return child.exited;
  child.kill();
  if (await settlesWithin(child.exited, killGraceMs)) return child.exited;
  throw new ChildStuckError(child.pid);
}
