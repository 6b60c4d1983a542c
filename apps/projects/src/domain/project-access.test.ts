import { expect, test } from '@jest/globals';
import { combinedLevels, levelsOf } from './project-access.js';

const names = ['read', 'write', 'maintain', 'admin', 'custom'] as const;

test('nobody without an access has levels', () => {
  expect(combinedLevels([])).toBeUndefined();
});

test('levels combine to the highest of each, whatever comes first', () => {
  for (const a of names) {
    for (const b of names)
      expect(combinedLevels([levelsOf(a), levelsOf(b)])).toEqual(combinedLevels([levelsOf(b), levelsOf(a)]));
    expect(combinedLevels([levelsOf(a), levelsOf('admin')])).toEqual(levelsOf('admin'));
    expect(combinedLevels([levelsOf(a)])).toEqual(levelsOf(a));
  }
});

test('each level outranks the ones before it', () => {
  const { projectAccess, workspaceAccess } = levelsOf('custom');
  const highest = <T>(member: 'stateVersions' | 'runs', values: T[]) =>
    combinedLevels(values.map((value) => ({ projectAccess, workspaceAccess: { ...workspaceAccess, [member]: value } })))
      ?.workspaceAccess[member];
  expect(highest('stateVersions', ['read-outputs', 'none'])).toBe('read-outputs');
  expect(highest('stateVersions', ['read-outputs', 'read', 'none'])).toBe('read');
  expect(highest('stateVersions', ['write', 'read'])).toBe('write');
  expect(highest('runs', ['plan', 'read'])).toBe('plan');
  expect(highest('runs', ['plan', 'apply'])).toBe('apply');
});
