import { describe, expect, test } from '@jest/globals';
import { assertTiming, countTurns, placeOf, type Timing, turnAfter } from './cadence.js';

const at = (text: string) => Date.parse(text);
const cron = (line: string, timeZone = 'UTC') => ({ kind: 'cron' as const, cron: line, timeZone });
const now = at('2026-11-23T10:00:30Z');

describe('turns', () => {
  test.each([
    ['a cron line', cron('0 3 * * *'), 0, 0, '2026-11-24T03:00:00.000Z'],
    ['a cron line, spread over its minute', cron('0 3 * * *'), null, 0.5, '2026-11-24T03:00:30.000Z'],
    ['a cron line with a jitter of ten minutes', cron('0 3 * * *'), 600, 0.5, '2026-11-24T03:05:00.000Z'],
    ['a cron line in a time zone', cron('0 3 * * MON-FRI', 'Europe/Berlin'), 0, 0, '2026-11-24T02:00:00.000Z'],
    ['every minute, later in this one', cron('* * * * *'), null, 0.75, '2026-11-23T10:00:45.000Z'],
    ['every minute, in the next one', cron('* * * * *'), null, 0.25, '2026-11-23T10:01:15.000Z'],
    ['every minute, at the very moment', cron('* * * * *'), null, 0.5, '2026-11-23T10:01:30.000Z'],
    ['an interval', { kind: 'interval' as const, seconds: 900 }, 0, 0, '2026-11-23T10:15:00.000Z'],
    [
      'an interval, spread over all of it',
      { kind: 'interval' as const, seconds: 900 },
      null,
      0.2,
      '2026-11-23T10:03:00.000Z',
    ],
    ['29 February', cron('0 0 29 2 *'), 0, 0, '2028-02-29T00:00:00.000Z'],
  ])('%s', (_, cadence, jitterSeconds, place, expected) => {
    const turn = turnAfter({ cadence, jitterSeconds, place }, now);
    expect(new Date(turn ?? 0).toISOString()).toBe(expected);
  });

  test('a night that loses or repeats an hour has one turn', () => {
    const timing: Timing = { cadence: cron('30 2 * * *', 'Europe/Berlin'), jitterSeconds: 0, place: 0 };
    for (const [from, until] of [
      ['2027-03-27T12:00:00Z', '2027-03-28T12:00:00Z'],
      ['2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'],
    ] as const) {
      expect(countTurns(timing, { after: at(from), until: at(until), max: 10 })).toBe(1);
    }
  });

  test('turns follow one another without a gap and without a repeat', () => {
    for (const cadence of [cron('*/7 * * * *'), { kind: 'interval' as const, seconds: 61 }]) {
      const timing = { cadence, jitterSeconds: null, place: placeOf(17) };
      let turn = now;
      for (let count = 0; count < 500; count += 1) {
        const next = turnAfter(timing, turn) ?? 0;
        expect(turnAfter(timing, next - 1)).toBe(next);
        expect(next).toBeGreaterThan(turn);
        turn = next;
      }
    }
  });

  test('200 schedules of one minute are evenly spread over it, whatever came before them', () => {
    for (const first of [1, 7777]) {
      const buckets = new Array<number>(12).fill(0);
      for (let number = first; number < first + 200; number += 1) {
        const turn = turnAfter({ cadence: cron('* * * * *'), jitterSeconds: null, place: placeOf(number) }, now) ?? 0;
        const bucket = Math.floor((turn % 60_000) / 5000);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      expect(Math.max(...buckets)).toBeLessThanOrEqual(19);
      expect(Math.min(...buckets)).toBeGreaterThanOrEqual(14);
    }
  });

  test('counting stops at its bound', () => {
    const timing: Timing = { cadence: cron('* * * * *'), jitterSeconds: 0, place: 0 };
    expect(countTurns(timing, { after: now, until: now + 3_600_000, max: 1000 })).toBe(60);
    expect(countTurns(timing, { after: now, until: now + 3_600_000, max: 7 })).toBe(7);
  });
});

describe('what is refused', () => {
  test.each([
    ['every second', cron('* * * * * *'), null, /five fields.*at most once a minute/],
    ['a word', cron('hourly'), null, /"hourly" is not a cron line/],
    ['a nickname', cron('@hourly'), null, /not a cron line/],
    ['nothing', cron(''), null, /not a cron line/],
    ['minute 61', cron('61 * * * *'), null, /not a cron line: Invalid value for minute: 61/],
    ['a step of 0', cron('*/0 * * * *'), null, /not a cron line/],
    ['30 February', cron('0 0 30 2 *'), null, /never comes to a turn/],
    ['an unknown time zone', cron('0 3 * * *', 'Mars/Olympus'), null, /"Mars\/Olympus" is not a time zone/],
    ['an offset as time zone', cron('0 3 * * *', '+02:00'), null, /not a time zone/],
    ['59 seconds', { kind: 'interval' as const, seconds: 59 }, null, /at least 60 seconds/],
    ['ten years', { kind: 'interval' as const, seconds: 315_360_000 }, null, /at most 366 days/],
    ['a negative jitter', cron('0 3 * * *'), -1, /must not be negative/],
    ['a jitter beyond the next turn', cron('*/5 * * * *'), 301, /longer than the 300 s/],
  ])('%s', (_, cadence, jitterSeconds, message) => {
    expect(() => assertTiming({ cadence, jitterSeconds }, now)).toThrow(message);
  });

  test('a cron line, an interval and a jitter that are none of that are taken', () => {
    expect(() =>
      assertTiming({ cadence: cron(' 0  3 * * 1-5 ', 'Asia/Kolkata'), jitterSeconds: 3600 }, now),
    ).not.toThrow();
    expect(() => assertTiming({ cadence: { kind: 'interval', seconds: 60 }, jitterSeconds: 60 }, now)).not.toThrow();
  });
});
