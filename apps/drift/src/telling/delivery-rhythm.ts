// How long an attempt waits for the next, and when there is none. Pure.

const firstDelayMs = 5_000;
const maxDelayMs = 3_600_000;
const giveUpAfterMs = 24 * 3_600_000;
const jitter = 0.2;

export interface FailedAttempt {
  /** With this one. */
  readonly attempts: number;
  /** Since the first attempt. */
  readonly ageMs: number;
  /** What the receiver asked for. */
  readonly retryAfterMs: number | null;
  /** 0 ≤ chance < 1. */
  readonly chance: number;
}

/** In ms; undefined when it was tried for a day. 5 s, 10 s, 20 s … an hour, each up to a fifth shorter. */
export function delayAfter({ attempts, ageMs, retryAfterMs, chance }: FailedAttempt): number | undefined {
  const doubled = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20));
  const delayMs = Math.max(doubled * (1 - jitter * chance), Math.min(retryAfterMs ?? 0, maxDelayMs));
  return ageMs + delayMs > giveUpAfterMs ? undefined : Math.round(delayMs);
}
