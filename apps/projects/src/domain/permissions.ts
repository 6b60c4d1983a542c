// Who may do what to projects and their workspaces (TFE docs: permissions; the matrix is in the test).
import type { ProjectPermissions } from '@terramesh/contracts';
import { combinedLevels, type ProjectGrant } from './project-access.js';

/** What the caller's place in an organization says, from which everything below follows. */
export interface OrganizationGrants {
  /** In the owners team, its token, or a site administrator. */
  readonly isOwner: boolean;
  readonly isOrganizationToken: boolean;
  /** `manage-projects`, `read-workspaces` …: of all the caller's teams together. */
  readonly organizationAccess: ReadonlySet<string>;
  /** `by-everybody`: by whoever may delete the workspace at all. */
  readonly forceDeletes: 'by-everybody' | 'by-owners';
}

export function canCreateProject(grants: OrganizationGrants): boolean {
  return managesProjects(grants);
}

/** `projectGrants`: those of the caller's teams in this project. */
export function projectPermissions(
  grants: OrganizationGrants,
  project: { readonly isDefault: boolean },
  projectGrants: readonly ProjectGrant[],
): ProjectPermissions {
  const all = managesProjects(grants);
  const levels = combinedLevels(projectGrants);
  const settings = levels?.projectAccess.settings;
  const isAdmin = all || hasAccess(projectGrants, ['admin']);
  const createsInDefault = project.isDefault && grants.organizationAccess.has('manage-workspaces');
  return {
    canRead: all || readsProjects(grants) || levels !== undefined,
    canUpdate: all || settings === 'update' || settings === 'delete',
    canDestroy: all || settings === 'delete',
    canCreateWorkspace: all || createsInDefault || levels?.workspaceAccess.create === true,
    canMoveWorkspace: all || levels?.workspaceAccess.move === true,
    canMoveStack: false,
    canManageStacks: false,
    canViewStacks: false,
    canUpdateStacks: false,
    canDeployNoCodeModules: false,
    canReadTeams: all || (levels !== undefined && levels.projectAccess.teams !== 'none'),
    canManageTags: isAdmin,
    canManageTeams: all || levels?.projectAccess.teams === 'manage',
    canManageVarsets: all || levels?.projectAccess.variableSets === 'write',
    canManageEphemeralWorkspaceForProjects: isAdmin,
  };
}

/** Whether new tags may be added to the project; changing and removing takes `canManageTags`. */
export function canCreateTags(grants: OrganizationGrants, projectGrants: readonly ProjectGrant[]): boolean {
  return managesProjects(grants) || hasAccess(projectGrants, ['admin', 'maintain', 'write']);
}

/** What the caller may do with a workspace, in the words of its resource. */
export type WorkspacePermissions = ReturnType<typeof workspacePermissions>;

/** `projectGrants`: those of the caller's teams in the workspace's project. */
export function workspacePermissions(grants: OrganizationGrants, projectGrants: readonly ProjectGrant[]) {
  const all = managesWorkspaces(grants);
  const access = combinedLevels(projectGrants)?.workspaceAccess;
  const reads = all || readsProjects(grants);
  const variables = access?.variables;
  const state = access?.stateVersions;
  // An organization's token manages, but starts nothing and writes no state.
  const runs = grants.isOrganizationToken ? undefined : all ? 'apply' : access?.runs;
  const writesState = !grants.isOrganizationToken && (all || state === 'write');
  const applies = runs === 'apply';
  const locks = all || access?.locking === true;
  const isAdmin = all || hasAccess(projectGrants, ['admin']);
  const destroys = all || access?.delete === true;
  const forces = grants.forceDeletes === 'by-everybody' || grants.isOwner || grants.isOrganizationToken;
  return {
    canRead: reads || access !== undefined,
    canUpdate: all || access?.create === true,
    canDestroy: destroys,
    canForceDelete: destroys && forces,
    canMove: all || access?.move === true,
    canQueueRun: applies || runs === 'plan',
    canQueueApply: applies,
    canQueueDestroy: applies,
    canReadRun: reads || access !== undefined,
    canReadSettings: reads || access !== undefined,
    canLock: locks,
    canUnlock: locks,
    canForceUnlock: isAdmin,
    canReadVariable: reads || (variables !== undefined && variables !== 'none'),
    canUpdateVariable: all || variables === 'write',
    canReadStateVersions: reads || state === 'read' || state === 'write',
    canReadStateOutputs: reads || (state !== undefined && state !== 'none'),
    canCreateStateVersions: writesState,
    canManageTags: isAdmin || access?.create === true,
    canManageRunTasks: all || access?.runTasks === true,
    canReadAssessmentResults: reads || access !== undefined,
  };
}

/** Which projects the caller may read, update, or create workspaces in; the same as the flags, in a form for SQL. */
export interface ProjectReach {
  readonly projects: 'all' | 'granted';
  /** The Default Project too, whatever was granted. */
  readonly includesDefault: boolean;
}

export type ReachedBy = 'read' | 'update' | 'create-workspace';

export function projectReach(grants: OrganizationGrants, by: ReachedBy): ProjectReach {
  const all = managesProjects(grants) || (by === 'read' && readsProjects(grants));
  const includesDefault = by === 'create-workspace' && grants.organizationAccess.has('manage-workspaces');
  return { projects: all ? 'all' : 'granted', includesDefault };
}

function managesProjects(grants: OrganizationGrants): boolean {
  return grants.isOwner || grants.isOrganizationToken || grants.organizationAccess.has('manage-projects');
}

function managesWorkspaces(grants: OrganizationGrants): boolean {
  return managesProjects(grants) || grants.organizationAccess.has('manage-workspaces');
}

function readsProjects(grants: OrganizationGrants): boolean {
  const { organizationAccess } = grants;
  return ['read-projects', 'read-workspaces', 'manage-workspaces'].some((name) => organizationAccess.has(name));
}

function hasAccess(projectGrants: readonly ProjectGrant[], names: readonly ProjectGrant['access'][]): boolean {
  return projectGrants.some(({ access }) => names.includes(access));
}
