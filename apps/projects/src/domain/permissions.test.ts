import { describe, expect, test } from '@jest/globals';
import type { ProjectAccessName } from '@terramesh/contracts';
import {
  canCreateProject,
  canCreateTags,
  type OrganizationGrants,
  projectPermissions,
  projectReach,
  workspacePermissions,
} from './permissions.js';
import { levelsOf, type ProjectGrant } from './project-access.js';

const nobody: OrganizationGrants = {
  isOwner: false,
  isOrganizationToken: false,
  organizationAccess: new Set(),
  forceDeletes: 'by-everybody',
};
const withAccess = (...names: string[]): OrganizationGrants => ({ ...nobody, organizationAccess: new Set(names) });
const granted = (access: ProjectAccessName): ProjectGrant[] => [{ access, ...levelsOf(access) }];
const custom = (change: Partial<ProjectGrant['projectAccess'] & ProjectGrant['workspaceAccess']>): ProjectGrant[] => {
  const { projectAccess, workspaceAccess } = levelsOf('custom');
  const { settings = projectAccess.settings, teams = projectAccess.teams } = change;
  const { create = false, move = false } = change;
  return [
    {
      access: 'custom',
      projectAccess: { ...projectAccess, settings, teams },
      workspaceAccess: { ...workspaceAccess, create, move },
    },
  ];
};

type Row = [string, OrganizationGrants, ProjectGrant[], string];

// In the order: create a project, read, update, delete, create a workspace, move, add tags, manage tags, teams.
const matrix: Row[] = [
  ['owners', { ...nobody, isOwner: true }, [], 'create read update destroy workspace move add-tags tags teams'],
  [
    "the organization's token",
    { ...nobody, isOrganizationToken: true },
    [],
    'create read update destroy workspace move add-tags tags teams',
  ],
  [
    'manage-projects',
    withAccess('manage-projects'),
    [],
    'create read update destroy workspace move add-tags tags teams',
  ],
  ['manage-workspaces', withAccess('manage-workspaces'), [], 'read'],
  ['read-projects', withAccess('read-projects'), [], 'read'],
  ['read-workspaces', withAccess('read-workspaces'), [], 'read'],
  ['manage-teams', withAccess('manage-teams'), [], ''],
  ['admin', nobody, granted('admin'), 'read update destroy workspace move add-tags tags teams'],
  ['maintain', nobody, granted('maintain'), 'read workspace add-tags'],
  ['write', nobody, granted('write'), 'read add-tags'],
  ['read', nobody, granted('read'), 'read'],
  ['custom', nobody, custom({}), 'read'],
  ['custom, settings update', nobody, custom({ settings: 'update' }), 'read update'],
  ['custom, settings delete', nobody, custom({ settings: 'delete' }), 'read update destroy'],
  ['custom, create and move', nobody, custom({ create: true, move: true }), 'read workspace move'],
  ['custom, teams manage', nobody, custom({ teams: 'manage' }), 'read teams'],
  ['two teams: read and write', nobody, [...granted('read'), ...granted('write')], 'read add-tags'],
  ['a plain member', nobody, [], ''],
];

test.each(matrix)('%s may do exactly this to a project', (_role, grants, projectGrants, may) => {
  const flags = projectPermissions(grants, { isDefault: false }, projectGrants);
  const allowed = [
    canCreateProject(grants) && 'create',
    flags.canRead && 'read',
    flags.canUpdate && 'update',
    flags.canDestroy && 'destroy',
    flags.canCreateWorkspace && 'workspace',
    flags.canMoveWorkspace && 'move',
    canCreateTags(grants, projectGrants) && 'add-tags',
    flags.canManageTags && 'tags',
    flags.canManageTeams && 'teams',
  ];
  expect(allowed.filter(Boolean).join(' ')).toBe(may);
});

test('manage-workspaces creates workspaces in the Default Project and in no other', () => {
  const grants = withAccess('manage-workspaces');
  expect(projectPermissions(grants, { isDefault: true }, []).canCreateWorkspace).toBe(true);
  expect(projectPermissions(grants, { isDefault: false }, []).canCreateWorkspace).toBe(false);
});

test.each(matrix)('lists reach what the flags say: %s', (_role, grants, projectGrants) => {
  for (const isDefault of [true, false]) {
    const flags = projectPermissions(grants, { isDefault }, projectGrants);
    const isReached = (by: 'read' | 'update' | 'create-workspace', isGranted: boolean) => {
      const { projects, includesDefault } = projectReach(grants, by);
      return projects === 'all' || (includesDefault && isDefault) || isGranted;
    };
    const settings = projectGrants.map(({ projectAccess }) => projectAccess.settings);
    expect(isReached('read', projectGrants.length > 0)).toBe(flags.canRead);
    expect(
      isReached(
        'update',
        settings.some((level) => level !== 'read'),
      ),
    ).toBe(flags.canUpdate);
    const creates = projectGrants.some(({ workspaceAccess }) => workspaceAccess.create);
    expect(isReached('create-workspace', creates)).toBe(flags.canCreateWorkspace);
  }
});

describe('workspaces', () => {
  const allowed = (grants: OrganizationGrants, projectGrants: ProjectGrant[]) =>
    Object.entries(workspacePermissions(grants, projectGrants))
      .filter(([, flag]) => flag)
      .map(([name]) => name);

  test('an owner may do everything with them, a plain member nothing', () => {
    const everything = Object.keys(workspacePermissions(nobody, []));
    expect(allowed({ ...nobody, isOwner: true }, [])).toEqual(everything);
    expect(allowed(withAccess('manage-workspaces'), [])).toEqual(everything);
    expect(allowed(nobody, [])).toEqual([]);
  });

  test('where only owners delete what is managed, others delete what is not', () => {
    const strict = { forceDeletes: 'by-owners' } as const;
    const flags = { canDestroy: true, canForceDelete: false };
    expect(workspacePermissions({ ...nobody, ...strict }, granted('admin'))).toMatchObject(flags);
    expect(workspacePermissions({ ...withAccess('manage-projects'), ...strict }, [])).toMatchObject(flags);
    for (const owner of [{ isOwner: true }, { isOrganizationToken: true }]) {
      expect(workspacePermissions({ ...nobody, ...strict, ...owner }, [])).toMatchObject({ canForceDelete: true });
    }
  });

  test("an organization's token manages them, starts no run and writes no state", () => {
    const everything = Object.keys(workspacePermissions(nobody, []));
    const refused = ['canQueueRun', 'canQueueApply', 'canQueueDestroy', 'canCreateStateVersions'];
    expect(allowed({ ...nobody, isOrganizationToken: true }, [])).toEqual(
      everything.filter((name) => !refused.includes(name)),
    );
  });

  test('who maintains a project may not move them; who writes may run and lock; who reads may only look', () => {
    expect(workspacePermissions(nobody, granted('maintain'))).toMatchObject({ canDestroy: true, canMove: false });
    expect(workspacePermissions(nobody, granted('write'))).toMatchObject({
      canQueueApply: true,
      canLock: true,
      canUpdate: false,
      canDestroy: false,
      canForceUnlock: false,
    });
    expect(allowed(nobody, granted('read'))).toEqual([
      'canRead',
      'canReadRun',
      'canReadSettings',
      'canReadVariable',
      'canReadStateVersions',
      'canReadStateOutputs',
      'canReadAssessmentResults',
    ]);
  });
});
