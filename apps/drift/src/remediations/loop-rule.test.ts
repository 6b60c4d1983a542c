import { expect, test } from '@jest/globals';
import { judgeRelapse, type RemediatedBefore } from './loop-rule.js';

const limits = { periodMs: 3_600_000, relapses: 3 };
const appliedAt = new Date('2026-01-01T12:00:00Z');
const after = (ms: number) => new Date(appliedAt.getTime() + ms);
const before = (part: Partial<RemediatedBefore> = {}): RemediatedBefore => ({
  appliedAt,
  relapses: 0,
  countedFor: null,
  stoppedAt: null,
  ...part,
});

test.each([
  ['what was never applied is no relapse', undefined, after(0), { verdict: 'go on', relapses: 0, news: 'old' }],
  ['drift soon after an apply is one', before(), after(60_000), { verdict: 'go on', relapses: 1, news: 'counted' }],
  [
    'one apply has one relapse, however often it is looked at',
    before({ relapses: 1, countedFor: appliedAt }),
    after(120_000),
    { verdict: 'go on', relapses: 1, news: 'old' },
  ],
  [
    'what was seen before the apply ended does not count',
    before({ relapses: 2 }),
    after(-1),
    { verdict: 'go on', relapses: 2, news: 'old' },
  ],
  [
    'a long calm starts anew',
    before({ relapses: 2 }),
    after(3_600_001),
    { verdict: 'go on', relapses: 0, news: 'counted' },
  ],
  [
    'one too many stops it',
    before({ relapses: 2 }),
    after(60_000),
    { verdict: 'stopped', relapses: 3, news: 'counted' },
  ],
  [
    'it stays stopped, and that is no news',
    before({ relapses: 3, stoppedAt: after(60_000) }),
    after(9_000_000),
    { verdict: 'stopped', relapses: 3, news: 'old' },
  ],
])('%s', (_, past, seenAt, expected) => {
  expect(judgeRelapse(past, seenAt, limits)).toEqual(expected);
});
