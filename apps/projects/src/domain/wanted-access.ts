// What a request says about a team's access to a project → every level spelled out.
import {
  type CreateTeamProjectDocument,
  type DocumentProblem,
  documentError,
  type ProjectAccessName,
} from '@terramesh/contracts';
import { type AccessLevels, levelsOf, type ProjectGrant } from './project-access.js';

type Attributes = CreateTeamProjectDocument['data']['attributes'];

/** The members that a request may leave out are those of `present`, which is undefined for a new access. */
export function wantedAccess(
  wanted: Omit<Attributes, 'access'> & { readonly access?: ProjectAccessName | undefined },
  present: ProjectGrant | undefined,
): ProjectGrant {
  const access = wanted.access ?? present?.access ?? 'custom';
  if (access !== 'custom') {
    refuseLevels(wanted);
    return { access, ...levelsOf(access) };
  }
  const base: AccessLevels = present ?? levelsOf('custom');
  const project = wanted['project-access'];
  const workspace = wanted['workspace-access'];
  return {
    access,
    projectAccess: {
      settings: project?.settings ?? base.projectAccess.settings,
      teams: project?.teams ?? base.projectAccess.teams,
      variableSets: project?.['variable-sets'] ?? base.projectAccess.variableSets,
    },
    workspaceAccess: {
      runs: workspace?.runs ?? base.workspaceAccess.runs,
      variables: workspace?.variables ?? base.workspaceAccess.variables,
      stateVersions: workspace?.['state-versions'] ?? base.workspaceAccess.stateVersions,
      sentinelMocks: workspace?.['sentinel-mocks'] ?? base.workspaceAccess.sentinelMocks,
      create: workspace?.create ?? base.workspaceAccess.create,
      locking: workspace?.locking ?? base.workspaceAccess.locking,
      delete: workspace?.delete ?? base.workspaceAccess.delete,
      move: workspace?.move ?? base.workspaceAccess.move,
      runTasks: workspace?.['run-tasks'] ?? base.workspaceAccess.runTasks,
      policyOverrides: workspace?.['policy-overrides'] ?? base.workspaceAccess.policyOverrides,
    },
  };
}

function refuseLevels(wanted: Omit<Attributes, 'access'>): void {
  const members = ['project-access', 'workspace-access'] as const;
  const problems = members
    .filter((name) => Object.values(wanted[name] ?? {}).some((level) => level !== undefined && level !== null))
    .map(
      (name): DocumentProblem => ({
        title: 'invalid attribute',
        detail: `${name === 'project-access' ? 'Project access' : 'Workspace access'} may only be given with custom access`,
        pointer: `/data/attributes/${name}`,
      }),
    );
  if (problems.length > 0) throw documentError(problems);
}
