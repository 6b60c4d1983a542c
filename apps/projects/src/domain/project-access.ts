// What the access of a team to a project stands for, and what several accesses make together.
import type { ProjectAccess, ProjectAccessName, WorkspaceAccess } from '@terramesh/contracts';

/** What one team may do in one project, every level spelled out. */
export interface ProjectGrant {
  readonly access: ProjectAccessName;
  readonly projectAccess: ProjectAccess;
  readonly workspaceAccess: WorkspaceAccess;
}

export type AccessLevels = Pick<ProjectGrant, 'projectAccess' | 'workspaceAccess'>;

const admin: AccessLevels = {
  projectAccess: { settings: 'delete', teams: 'manage', variableSets: 'write' },
  workspaceAccess: {
    runs: 'apply',
    variables: 'write',
    stateVersions: 'write',
    sentinelMocks: 'read',
    create: true,
    locking: true,
    delete: true,
    move: true,
    runTasks: true,
    policyOverrides: true,
  },
};

const noFlags = { create: false, locking: false, delete: false, move: false, runTasks: false, policyOverrides: false };

/** TFE docs: project-team-access, "Implied levels". `custom` is what a new custom access has where nothing was chosen. */
const impliedLevels: Readonly<Record<ProjectAccessName, AccessLevels>> = {
  admin,
  maintain: {
    projectAccess: { settings: 'read', teams: 'none', variableSets: 'write' },
    workspaceAccess: { ...admin.workspaceAccess, move: false },
  },
  write: {
    projectAccess: { settings: 'read', teams: 'none', variableSets: 'read' },
    workspaceAccess: {
      ...noFlags,
      runs: 'apply',
      variables: 'write',
      stateVersions: 'write',
      sentinelMocks: 'read',
      locking: true,
    },
  },
  read: {
    projectAccess: { settings: 'read', teams: 'none', variableSets: 'read' },
    workspaceAccess: {
      ...noFlags,
      runs: 'read',
      variables: 'read',
      stateVersions: 'read',
      sentinelMocks: 'none',
    },
  },
  custom: {
    projectAccess: { settings: 'read', teams: 'none', variableSets: 'none' },
    workspaceAccess: { ...noFlags, runs: 'read', variables: 'none', stateVersions: 'none', sentinelMocks: 'none' },
  },
};

export function levelsOf(access: ProjectAccessName): AccessLevels {
  return impliedLevels[access];
}

/** What somebody in several teams may do: of every level the highest. Undefined without any. */
export function combinedLevels(grants: readonly AccessLevels[]): AccessLevels | undefined {
  const [first, ...others] = grants;
  if (first === undefined) return undefined;
  return others.reduce<AccessLevels>(
    (a, b) => ({
      projectAccess: highestOfEach(a.projectAccess, b.projectAccess),
      workspaceAccess: highestOfEach(a.workspaceAccess, b.workspaceAccess),
    }),
    { projectAccess: first.projectAccess, workspaceAccess: first.workspaceAccess },
  );
}

/** All levels of all members, lowest first; no two members disagree on the order. */
const order: readonly (string | boolean)[] = [
  false,
  'none',
  'read-outputs',
  'read',
  'plan',
  'update',
  'write',
  'manage',
  'apply',
  'delete',
  true,
];

function highestOfEach<T extends object>(a: T, b: T): T {
  const members = Object.keys(a) as (keyof T)[];
  return Object.fromEntries(members.map((name) => [name, rank(a[name]) >= rank(b[name]) ? a[name] : b[name]])) as T;
}

function rank(level: unknown): number {
  return order.indexOf(level as string | boolean);
}
