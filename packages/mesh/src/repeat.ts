// Repeats an idempotent call until it has an answer or its time is over.
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@terramesh/contracts';

const firstPauseMs = 25;
const longestPauseMs = 500;
/** Beyond the 20 s of the longest poll within its 30 s, so that a healthy call is never sent twice. */
const silenceShare = 0.7;

/** Resolves with the output that the answer carries, and rejects with the error that it carries. */
export type Attempt = (timeoutMs: number, signal: AbortSignal) => Promise<unknown>;

/**
 * The output of the first attempt that gets one. UNAVAILABLE and TIMEOUT are tried again after a pause. Since nobody is
 * told when a responder dies, a silent attempt gets company after 70 % of the time, while it is still waited for.
 */
export async function repeatUntilAnswered(attempt: Attempt, deadlineAt: number, signal: AbortSignal): Promise<unknown> {
  const answered = new AbortController();
  const either = AbortSignal.any([signal, answered.signal]);
  const startedAt = Date.now();
  const inSilence = delay((deadlineAt - startedAt) * silenceShare, undefined, { signal: either });
  const tries = [
    settle(attempt, deadlineAt, either),
    inSilence.then(
      () => settle(attempt, deadlineAt, either),
      () => Promise.reject(canceled()),
    ),
  ];
  try {
    const outcome = await Promise.any(tries);
    if ('error' in outcome) throw outcome.error;
    return outcome.output;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    answered.abort();
  }
}

type Outcome = { output: unknown } | { error: unknown };

/** Resolves with an answer, or with an error that no repetition can change. Rejects when the time is over. */
async function settle(attempt: Attempt, deadlineAt: number, signal: AbortSignal): Promise<Outcome> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return { output: await attempt(deadlineAt - Date.now(), signal) };
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isTransient(error)) return { error };
      const restMs = pauseMs * (0.5 + Math.random() / 2);
      if (Date.now() + restMs >= deadlineAt) throw error;
      await delay(restMs, undefined, { signal }).catch(() => Promise.reject(canceled()));
    }
  }
}

function isTransient(error: unknown): boolean {
  return isAppError(error) && (error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT');
}

function canceled(): AppError {
  return new AppError('TIMEOUT', 'the call was canceled by its caller');
}
