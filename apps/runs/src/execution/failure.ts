// How a step's end reads for the person who asked for it.
import { type AppError, isAppError } from '@terramesh/contracts';
import type { Exit } from '@terramesh/terraform';
import type { StepEnd, StepResult } from './terraform-step.js';

/** What a worker could not do, in words for the caller; becomes the target's Error. */
export class ExecutionFailed extends Error {
  override readonly name = 'ExecutionFailed';
  constructor(
    message: string,
    /** `error`: it went wrong. `failure`: it was refused. */
    readonly part: 'error' | 'failure' = 'error',
  ) {
    super(message);
  }
}

/** The execution was ended from outside while nothing had been changed yet. */
export class ExecutionEnded extends Error {
  override readonly name = 'ExecutionEnded';
  constructor(readonly by: StepEnd) {
    super(`ended by ${by}`);
  }
}

/** Throws ExecutionEnded or ExecutionFailed unless the exit code is one of `expected`. */
export async function requireExit(
  command: string,
  result: StepResult,
  timeoutMs: number,
  expected: readonly number[],
): Promise<void> {
  const { exit, endedBy } = result;
  if (endedBy === null && exit.code !== null && expected.includes(exit.code)) return;
  const text = await result.text;
  if (endedBy !== null && endedBy !== 'timeout') throw new ExecutionEnded(endedBy);
  if (endedBy === 'timeout')
    throw new ExecutionFailed(
      `${command} did not end within ${Math.round(timeoutMs / 1000)} seconds and was stopped\n${text}`,
    );
  throw new ExecutionFailed(`${command} ${howItEnded(exit)}\n${text}`);
}

function howItEnded(exit: Exit): string {
  if (exit.stoppedFor === 'output-limit') return 'was stopped: it printed more than is stored';
  if (exit.code !== null) return `failed: exit code ${exit.code}`;
  return exit.signal === null ? 'ended in an unknown way' : `was ended by ${exit.signal}`;
}

/** A repository could not be fetched: the caller's or the network's trouble, never a part of ours that is away. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed';
  constructor(override readonly cause: AppError) {
    super(cause.message);
  }
}

export async function fetching<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw isAppError(error) ? new FetchFailed(error) : error;
  });
}
