import { expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { type Attempt, repeatUntilAnswered } from './repeat.js';

const forever = new AbortController().signal;
const unavailable = () => Promise.reject(new AppError('UNAVAILABLE', 'nobody is there'));

/** An attempt that goes through `steps`, and then repeats the last one. */
function steps(...all: (() => Promise<unknown>)[]): Attempt & { readonly count: () => number } {
  let made = 0;
  const attempt = () => {
    const step = all[Math.min(made++, all.length - 1)] ?? unavailable;
    return step();
  };
  return Object.assign(attempt, { count: () => made });
}

test.each(['UNAVAILABLE', 'TIMEOUT'] as const)('%s is tried again', async (code) => {
  const attempt = steps(
    () => Promise.reject(new AppError(code, 'not now')),
    unavailable,
    async () => 'yes',
  );
  expect(await repeatUntilAnswered(attempt, Date.now() + 5_000, forever)).toBe('yes');
  expect(attempt.count()).toBe(3);
});

test('any other error is final', async () => {
  const attempt = steps(() => Promise.reject(new AppError('CONFLICT', 'taken')));
  await expect(repeatUntilAnswered(attempt, Date.now() + 5_000, forever)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(attempt.count()).toBe(1);
});

test('when the time is over the last error says why', async () => {
  const call = repeatUntilAnswered(steps(unavailable), Date.now() + 200, forever);
  await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'nobody is there' });
});

test('a silent attempt gets company, and the first answer of the two counts', async () => {
  const silent = new Promise<never>(() => {});
  const attempt = steps(
    () => silent,
    async () => 'second',
  );
  expect(await repeatUntilAnswered(attempt, Date.now() + 200, forever)).toBe('second');
});

test('the other attempt is told to stop', async () => {
  const signals: AbortSignal[] = [];
  const attempt: Attempt = async (_timeoutMs, signal) => {
    signals.push(signal);
    return signals.length === 2 ? 'second' : new Promise(() => {});
  };
  expect(await repeatUntilAnswered(attempt, Date.now() + 200, forever)).toBe('second');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('a caller that gives up ends the repetition', async () => {
  const stop = new AbortController();
  const call = repeatUntilAnswered(steps(unavailable), Date.now() + 60_000, stop.signal);
  stop.abort();
  await expect(call).rejects.toMatchObject({ name: 'AppError' });
  const late = repeatUntilAnswered(steps(unavailable), Date.now() + 60_000, stop.signal);
  await expect(late).rejects.toMatchObject({ name: 'AppError' });
});
