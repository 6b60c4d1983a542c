import { expect, test } from '@jest/globals';
import { formatIdentity, isAlive, parseIdentity, startOf } from './process-identity.js';

test('an identity reads back as it was written', () => {
  const identity = { pid: process.pid, start: startOf(process.pid) ?? '' };
  expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
});

test('this process is alive, and another one with its pid is not', () => {
  const start = startOf(process.pid) ?? '';
  expect(isAlive({ pid: process.pid, start })).toBe(true);
  expect(isAlive({ pid: process.pid, start: `${start}1` })).toBe(false);
});

test('a pid that nobody has is not alive', () => {
  expect(startOf(2 ** 31 - 1)).toBeUndefined();
});

test.each(['', '12', '12 ', '12 boot 5', 'x boot 5\n', '-1 boot 5\n'])('%j is not a whole pid file', (text) => {
  expect(parseIdentity(text)).toBeUndefined();
});

test('the padding of ps does not matter', () => {
  expect(parseIdentity('12 Mon Jan  5 10:00:00 2026\n')).toEqual({ pid: 12, start: 'Mon Jan 5 10:00:00 2026' });
});
