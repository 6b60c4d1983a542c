import { expect, test } from '@jest/globals';
import { matchesPattern } from './matches-pattern.js';

test.each([
  ['*', '', true],
  ['*', 'anything', true],
  ['**', 'x', true],
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a*', 'ab', true],
  ['*b', 'ab', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*.aws_asg.*', 'module.x.aws_asg.web', true],
  ['*.aws_asg.*', 'aws_asg.web', false],
  ['a*b*c', 'axxbyyc', true],
  ['a*b*c', 'axxcyyb', false],
  ['ab*bc', 'abc', false],
  ['*a*a', 'a', false],
  ['tags[*]', 'tags["größe"]', true],
  ['a.c', 'abc', false],
  ['(x+x+)+y', 'xxxx', false],
])('%j describes %j: %p', (pattern, text, expected) => {
  expect(matchesPattern(pattern, text)).toBe(expected);
});

test('no pattern takes long', () => {
  const pattern = `${'*a'.repeat(249)}*b`;
  expect(matchesPattern(pattern, 'a'.repeat(100_000))).toBe(false);
});
