import { expect, test } from '@jest/globals';
import { targetDirectory } from './target-directory.js';

test.each([
  ['', '.'],
  ['.', '.'],
  ['./', '.'],
  ['a', 'a'],
  ['./a//b/', 'a/b'],
  ['a/./b', 'a/b'],
])('%p is the directory %p', (workingDirectory, directory) => {
  expect(targetDirectory(workingDirectory)).toBe(directory);
});
