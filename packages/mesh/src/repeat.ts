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
  // One controller and one plain timer: this is on the path of every call, and AbortSignal.any alone would halve its speed.
  const end = new AbortController();
  const silence = startSilence((deadlineAt - Date.now()) * silenceShare);
  const onAbort = (): void => {
    end.abort(canceled());
    silence.end();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = await Promise.any([
      settle(attempt, deadlineAt, end.signal),
      silence.over.then(() => settle(attempt, deadlineAt, end.signal)),
    ]);
    if ('error' in outcome) throw outcome.error;
    return outcome.output;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    silence.cancel();
    end.abort(answered);
  }
}

const answered = new Error('another attempt has the answer');

/** `over` resolves after `forMs` or when it is ended; never, once it is canceled. */
function startSilence(forMs: number): { over: Promise<void>; end(): void; cancel(): void } {
  let end = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
    timer = setTimeout(resolve, forMs);
  });
  return { over, end: () => end(), cancel: () => clearTimeout(timer) };
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
