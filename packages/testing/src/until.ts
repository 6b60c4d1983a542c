import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** What is waited for; part of the error's message. */
  readonly describe?: string;
}

const pollMs = 10;

/**
 * Resolves to the first truthy result of the condition. Rejects when there is none in time, with the condition's last
 * error as its cause.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, false | 0 | '' | null | undefined>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  let cause: unknown;
  for (const giveUpAt = Date.now() + timeoutMs; Date.now() < giveUpAt; await delay(pollMs)) {
    try {
      const result = await condition();
      if (result) return result as Exclude<T, false | 0 | '' | null | undefined>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(`${options.describe ?? 'the condition'}: not within ${timeoutMs} ms`, { cause });
}
