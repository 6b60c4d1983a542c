// Repeats a call over lost connections and restarts.
import { TerrameshClientError } from './client-error.js';

const firstPauseMs = 200;
const longestPauseMs = 5_000;

export interface RepeatOptions {
  /** How long the call may fail before it is given up. */
  readonly forMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Only UNAVAILABLE and TIMEOUT are repeated. Rejects with the last error, or with the signal's reason. */
export async function repeatWhileAway<T>(call: () => Promise<T>, { forMs, signal }: RepeatOptions): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await call();
    } catch (error) {
      const isAway = error instanceof TerrameshClientError && error.isTransient;
      if (!isAway || signal?.aborted || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await pause(pauseMs, signal);
  }
}

function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, pauseMs);
    signal?.addEventListener('abort', abort, { once: true });
    function end(): void {
      signal?.removeEventListener('abort', abort);
      resolve();
    }
    function abort(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
}
