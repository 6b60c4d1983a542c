import { expect, test } from '@jest/globals';
import { ownExecutionMode, type WantedExecution } from './execution-mode.js';

test.each<[WantedExecution, 'remote' | 'local' | null, 'remote' | 'local' | null]>([
  [{}, null, null],
  [{}, 'local', 'local'],
  [{ mode: 'local' }, null, 'local'],
  [{ mode: 'remote' }, 'local', 'remote'],
  [{ mode: null }, 'local', 'local'],
  [{ overwrites: false }, 'local', null],
  [{ mode: 'remote', overwrites: false }, 'local', null],
  [{ mode: 'remote', overwrites: true }, null, 'remote'],
  [{ overwrites: true }, null, 'local'],
  [{ overwrites: true }, 'remote', 'remote'],
])('%j of a project with its own mode %s, in an organization with local, makes it %s', (wanted, own, expected) => {
  expect(ownExecutionMode(wanted, { own, inherited: 'local' })).toBe(expected);
});
