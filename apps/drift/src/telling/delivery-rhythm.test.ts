import { expect, test } from '@jest/globals';
import { delayAfter } from './delivery-rhythm.js';

const failed = { ageMs: 0, retryAfterMs: null, chance: 0 };

test('waits double from 5 s to an hour', () => {
  const waits = [1, 2, 3, 10, 11, 500].map((attempts) => delayAfter({ ...failed, attempts }));
  expect(waits).toEqual([5_000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000]);
});

test('chance shortens a wait by a fifth at most', () => {
  expect(delayAfter({ ...failed, attempts: 1, chance: 0.5 })).toBe(4_500);
});

test('a receiver may ask for more time, up to an hour', () => {
  expect(delayAfter({ ...failed, attempts: 1, retryAfterMs: 30_000 })).toBe(30_000);
  expect(delayAfter({ ...failed, attempts: 1, retryAfterMs: 1e9 })).toBe(3_600_000);
});

test('it ends after about a day and some thirty attempts', () => {
  let ageMs = 0;
  let attempts = 1;
  for (let delay = delayAfter({ ...failed, attempts }); delay !== undefined; attempts += 1) {
    ageMs += delay;
    delay = delayAfter({ ...failed, attempts: attempts + 1, ageMs });
  }
  expect(ageMs).toBeGreaterThan(22 * 3_600_000);
  expect(ageMs).toBeLessThanOrEqual(24 * 3_600_000);
  expect(attempts).toBeLessThan(40);
});
