import { describe, expect, test } from '@jest/globals';
import { LineSplitter, maxLineLength } from './line-splitter.js';

function split(chunks: readonly string[]): string[] {
  const splitter = new LineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

describe('LineSplitter', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['a line', 'a\n', ['a']],
    ['empty lines', '\n\na\n\n', ['', '', 'a', '']],
    ['a last line without an end', 'a\nb', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['a terminal that adds a CR of its own', 'a\r\r\n', ['a']],
    ['a progress bar', '10%\r20%\r100%\nnext\n', ['100%', 'next']],
    ['a progress bar that is not done', 'a\n10%\r20%', ['a', '20%']],
    ['a CR at the very end', 'a\r', ['a']],
    ['non-ASCII', 'grüße 🌍\n', ['grüße 🌍']],
  ])('%s, however it is cut', (_name, text, expected) => {
    expect(split([text])).toEqual(expected);
    expect(split([...text].flatMap((character) => character.split('')))).toEqual(expected);
    expect(split([text.slice(0, 3), text.slice(3)])).toEqual(expected);
  });

  test('cuts a line that is too long into pieces that join to the same line', () => {
    const line = 'x'.repeat(maxLineLength * 2 + 10);
    const pieces = split([`${line}\nb\n`]);
    expect(pieces.map((piece) => piece.length)).toEqual([maxLineLength, maxLineLength, 10, 1]);
    expect(pieces.slice(0, 3).join('')).toBe(line);
  });

  test('a line of exactly the longest length stays whole', () => {
    expect(split([`${'x'.repeat(maxLineLength)}\n`])).toHaveLength(1);
  });

  test('never cuts through a character', () => {
    const line = `${'x'.repeat(maxLineLength - 1)}🌍y`;
    const pieces = split([line]);
    expect(pieces).toEqual(['x'.repeat(maxLineLength - 1), '🌍y']);
  });

  test('an endless line without an end does not pile up', () => {
    const splitter = new LineSplitter();
    const pieces = Array.from({ length: 64 }, () => splitter.push('x'.repeat(maxLineLength / 2))).flat();
    expect(pieces.length).toBeGreaterThanOrEqual(31);
  });
});
