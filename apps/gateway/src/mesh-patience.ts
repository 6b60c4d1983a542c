// Calls that outlive a short outage of the mesh: a waiting caller shall not notice that a service was restarted.
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError, type Operation, type OperationInput, type OperationOutput } from '@terramesh/contracts';
import type { Mesh } from '@terramesh/mesh';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

export interface Patience {
  /** How long the call may fail with UNAVAILABLE or TIMEOUT before it is given up. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
}

/** For idempotent operations. Rejects with AppError; TIMEOUT when the signal is aborted. */
export async function callPatiently<T extends Operation>(
  mesh: Mesh,
  operation: T,
  input: OperationInput<T>,
  { patienceMs, signal }: Patience,
): Promise<OperationOutput<T>> {
  const startedAt = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await mesh.call(operation, input, signal ? { signal } : {});
    } catch (error) {
      if (!isOutage(error) || signal?.aborted || performance.now() - startedAt >= patienceMs) throw error;
    }
    await pause(pauseMs, signal);
  }
}

/** True for errors that the same call may not meet again a moment later. */
export function isOutage(error: unknown): boolean {
  return isAppError(error) && (error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT');
}

/** Rejects with TIMEOUT when the signal is aborted. */
export async function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(pauseMs, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw new AppError('TIMEOUT', 'nobody waits for this call any more', { cause });
  }
}
