import { expect, test } from '@jest/globals';
import { claimable } from './slot-share.js';

test.each([
  ['a single slot serves both', { size: 1, free: 1, drift: 0 }, 'anything'],
  ['of two, drift gets one', { size: 2, free: 2, drift: 0 }, 'anything'],
  ['of two, never the second', { size: 2, free: 1, drift: 1 }, 'user'],
  ['the last free one is for people', { size: 4, free: 1, drift: 0 }, 'user'],
  ['half of them at most', { size: 8, free: 4, drift: 4 }, 'user'],
  ['up to half of them', { size: 8, free: 5, drift: 3 }, 'anything'],
  ['of three, one', { size: 3, free: 2, drift: 1 }, 'user'],
  ['none is free after a restart', { size: 2, free: -1, drift: 0 }, 'user'],
] as const)('%s', (_name, slots, expected) => {
  expect(claimable({ ...slots, driftShare: undefined })).toBe(expected);
});

test('a set share replaces the half, and still leaves a slot free', () => {
  expect(claimable({ size: 8, free: 6, drift: 2, driftShare: 2 })).toBe('user');
  expect(claimable({ size: 8, free: 2, drift: 6, driftShare: 8 })).toBe('anything');
  expect(claimable({ size: 8, free: 1, drift: 7, driftShare: 8 })).toBe('user');
});
