// Waiting for one answer, with every way it can end early.
import { AppError } from '@terramesh/contracts';

interface Wait {
  readonly subject: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

type Resolve = (answer: string) => void;
type Reject = (error: AppError) => void;

/** The answer that `start` resolves with; TIMEOUT after `timeoutMs` or when `signal` aborts. */
export function waitForAnswer(wait: Wait, start: (resolve: Resolve, reject: Reject) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => finish(() => reject(canceled(wait.subject)));
    const timer = setTimeout(() => finish(() => reject(timedOut(wait.subject, wait.timeoutMs))), wait.timeoutMs);
    const finish = (end: () => void): void => {
      clearTimeout(timer);
      wait.signal?.removeEventListener('abort', onAbort);
      end();
    };
    if (wait.signal?.aborted) return onAbort();
    wait.signal?.addEventListener('abort', onAbort, { once: true });
    start(
      (answer) => finish(() => resolve(answer)),
      (error) => finish(() => reject(error)),
    );
  });
}

/** Resolves when `work` does, or after `timeoutMs`; says which. A rejection of `work` counts as done. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<'done' | 'too late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'too late'>((resolve) => {
    timer = setTimeout(() => resolve('too late'), timeoutMs);
  });
  const done = work.then(
    () => 'done' as const,
    () => 'done' as const,
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function noResponder(subject: string): AppError {
  return new AppError('UNAVAILABLE', `no service answers ${subject} at the moment`);
}

function timedOut(subject: string, timeoutMs: number): AppError {
  return new AppError('TIMEOUT', `${subject} did not answer within ${Math.round(timeoutMs)} ms`);
}

function canceled(subject: string): AppError {
  return new AppError('TIMEOUT', `the call of ${subject} was canceled by its caller`);
}
