import { expect, test } from '@jest/globals';
import { levelsOf } from './project-access.js';
import { wantedAccess } from './wanted-access.js';

test('a fixed access has its levels spelled out', () => {
  expect(wantedAccess({ access: 'maintain' }, undefined)).toEqual({ access: 'maintain', ...levelsOf('maintain') });
});

test('a custom access has what was chosen, and the least of everything else', () => {
  const wanted = wantedAccess(
    { access: 'custom', 'project-access': { settings: 'delete' }, 'workspace-access': { move: true, runs: null } },
    undefined,
  );
  const { projectAccess, workspaceAccess } = levelsOf('custom');
  expect(wanted).toEqual({
    access: 'custom',
    projectAccess: { ...projectAccess, settings: 'delete' },
    workspaceAccess: { ...workspaceAccess, move: true },
  });
});

test('what an update leaves out keeps its value', () => {
  const present = { access: 'admin', ...levelsOf('admin') } as const;
  expect(wantedAccess({}, present)).toEqual(present);
  const changed = wantedAccess({ access: 'custom', 'project-access': { teams: 'read' } }, present);
  expect(changed.projectAccess).toEqual({ ...present.projectAccess, teams: 'read' });
  expect(changed.workspaceAccess).toEqual(present.workspaceAccess);
});

test('levels beside a fixed access are refused', () => {
  const wanted = { access: 'read', 'workspace-access': { move: false } } as const;
  expect(() => wantedAccess(wanted, undefined)).toThrow('Workspace access may only be given with custom access');
  expect(wantedAccess({ access: 'read', 'workspace-access': {} }, undefined).access).toBe('read');
});
