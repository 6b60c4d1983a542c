import { expect, test } from '@jest/globals';
import { isTooMuch, mayClose } from './breaker-rule.js';

const limits = { share: 50, targets: 5 };

test.each([
  [{ checked: 200, drifted: 200 }, true],
  [{ checked: 200, drifted: 101 }, true],
  [{ checked: 200, drifted: 100 }, false],
  [{ checked: 5, drifted: 5 }, true],
  // A handful that all drift is no outage.
  [{ checked: 4, drifted: 4 }, false],
  [{ checked: 0, drifted: 0 }, false],
])('%j is too much: %s', (checks, expected) => {
  expect(isTooMuch(checks, limits)).toBe(expected);
});

const since = new Date('2026-01-01T12:00:00Z');
const coolDownMs = 1_800_000;

test.each([
  ['clean checks after the cool-down close it', { checked: 200, drifted: 3 }, 1_800_000, true],
  ['not before', { checked: 200, drifted: 0 }, 1_799_999, false],
  ['not while most still drift, new or not', { checked: 200, drifted: 150 }, 9_000_000, false],
  ['not without a check', { checked: 0, drifted: 0 }, 9_000_000, false],
])('%s', (_, recent, afterMs, expected) => {
  expect(mayClose({ since, coolDownMs, recent }, new Date(since.getTime() + afterMs), limits)).toBe(expected);
});
