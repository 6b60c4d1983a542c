import { expect, test } from '@jest/globals';
import { limitsBreach } from './apply-limits.js';

const plan = { toAdd: 2, toChange: 1, toDestroy: 3 };
const none = { toAdd: null, toChange: null, toDestroy: null };

test('no limit refuses nothing', () => {
  expect(limitsBreach(plan, none)).toBeNull();
});

test('what is at its limit may be applied', () => {
  expect(limitsBreach(plan, { toAdd: 2, toChange: 1, toDestroy: 3 })).toBeNull();
});

test('a limit of zero allows none', () => {
  expect(limitsBreach({ ...plan, toDestroy: 1 }, { ...none, toDestroy: 0 })).toBe(
    'nothing was applied: the plan would destroy 1 (the limit is 0)',
  );
});

test('every limit that is passed is named, with its count', () => {
  expect(limitsBreach(plan, { toAdd: 1, toChange: 5, toDestroy: 0 })).toBe(
    'nothing was applied: the plan would add 2 (the limit is 1) and destroy 3 (the limit is 0)',
  );
});
