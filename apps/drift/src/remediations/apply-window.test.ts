import { describe, expect, test } from '@jest/globals';
import { isWithin, parseWindows } from './apply-window.js';

describe('a moment is within', () => {
  test.each([
    ['', '2026-01-01T00:00:00Z', true],
    ['Mon-Fri 08:00-18:00 Europe/Berlin', '2026-01-05T07:00:00Z', true],
    ['Mon-Fri 08:00-18:00 Europe/Berlin', '2026-01-05T06:59:59Z', false],
    ['Mon-Fri 08:00-18:00 Europe/Berlin', '2026-01-05T17:00:00Z', false],
    // The same hour in summer.
    ['Mon-Fri 08:00-18:00 Europe/Berlin', '2026-07-06T06:00:00Z', true],
    ['Mon-Fri 08:00-18:00 Europe/Berlin', '2026-01-04T10:00:00Z', false],
    ['Mon-Fri 08:00-18:00', '2026-01-05T07:00:00Z', false],
    ['Fri-Mon 10:00-11:00 UTC', '2026-01-04T10:30:00Z', true],
    ['Fri-Mon 10:00-11:00 UTC', '2026-01-06T10:30:00Z', false],
    // Over midnight: the day is that of its beginning.
    ['Sat 22:00-02:00 UTC', '2026-01-04T01:59:00Z', true],
    ['Sat 22:00-02:00 UTC', '2026-01-03T01:59:00Z', false],
    ['Sat 22:00-24:00 UTC', '2026-01-03T23:59:59Z', true],
    ['Mon 08:00-09:00 UTC; tue,WED 10:00-11:00 UTC', '2026-01-07T10:00:00Z', true],
    ['Mon 08:00-09:00 UTC; tue,WED 10:00-11:00 UTC', '2026-01-07T08:30:00Z', false],
  ])('%j at %s: %s', (text, at, expected) => {
    expect(isWithin(parseWindows(text), new Date(at))).toBe(expected);
  });
});

test.each([
  'always',
  'Mon 08:00',
  'Mon-Fri 8:00-18:00 UTC',
  'Mon 08:00-08:00 UTC',
  'Mon 25:00-26:00 UTC',
  'Mon 08:60-09:00 UTC',
  'Someday 08:00-09:00 UTC',
  'Mon-Tue-Wed 08:00-09:00 UTC',
  'Mon 08:00-09:00 Europe/Nowhere',
])('%j is no window', (text) => {
  expect(() => parseWindows(text)).toThrow(/is not a|are not a/);
});
