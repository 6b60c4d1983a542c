// Request documents of workspaces → what is to be stored.
import type { UpdateWorkspaceDocument, VcsType, WorkspaceSettings } from '@terramesh/contracts';
import type { z } from 'zod';
import { type OwnExecutionMode, ownExecutionMode } from '../domain/execution-mode.js';
import { targetDirectory } from '../domain/target-directory.js';
import type { WorkspaceAttributes } from '../persistence/workspace.repository.js';

type Attributes = z.output<typeof UpdateWorkspaceDocument>['data']['attributes'];
type VcsRepo = Attributes['vcs-repo'];

type Repository = Pick<
  WorkspaceAttributes,
  'vcsType' | 'hostname' | 'repository' | 'branch' | 'oauthTokenId' | 'githubAppInstallationId'
>;

export const unbound: Repository = {
  vcsType: null,
  hostname: null,
  repository: null,
  branch: null,
  oauthTokenId: null,
  githubAppInstallationId: null,
};

/** What a workspace is before anything is said of it. */
export const newWorkspace: Omit<WorkspaceAttributes, 'projectId' | 'name'> = {
  description: null,
  executionMode: null,
  terraformVersion: 'latest',
  workingDirectory: '',
  terraformWorkspace: 'default',
  settings: {},
  ...unbound,
  targetDirectory: '.',
};

/** The attributes after the request, all but the repository. What is absent keeps its value, null takes it away. */
export function changedWorkspace(
  before: WorkspaceAttributes,
  given: Attributes,
  inheritedMode: 'remote' | 'local' | 'agent',
): WorkspaceAttributes {
  const workingDirectory = kept(given['working-directory'], before.workingDirectory, newWorkspace.workingDirectory);
  return {
    ...before,
    name: given.name ?? before.name,
    description: kept(given.description, before.description, null),
    executionMode: executionModeOf(before.executionMode, given, inheritedMode),
    terraformVersion: kept(given['terraform-version'], before.terraformVersion, newWorkspace.terraformVersion),
    workingDirectory,
    targetDirectory: targetDirectory(workingDirectory),
    terraformWorkspace: kept(given['terraform-workspace'], before.terraformWorkspace, newWorkspace.terraformWorkspace),
    settings: { ...before.settings, ...settingsOf(given) },
  };
}

type WantedRepository = Omit<Repository, 'vcsType' | 'hostname'> & { type: VcsType; repository: string };

/** The repository that is asked for; undefined: as it is, null: none. Members that are left out keep their value. */
export function wantedRepository(before: Repository, given: VcsRepo): WantedRepository | null | undefined {
  if (given === undefined || given === null) return given;
  return {
    type: typeOf(given['service-provider']) ?? before.vcsType ?? 'Github',
    repository: given.identifier ?? before.repository ?? '',
    branch: kept(given.branch, before.branch ?? '', ''),
    // Clients send what they do not use as an empty text.
    oauthTokenId: kept(given['oauth-token-id'], before.oauthTokenId, null) || null,
    githubAppInstallationId: kept(given['github-app-installation-id'], before.githubAppInstallationId, null) || null,
  };
}

function typeOf(provider: 'github' | 'gitlab' | 'gitea' | null | undefined): VcsType | undefined {
  const types = { github: 'Github', gitlab: 'Gitlab', gitea: 'Gitea' } as const;
  return provider ? types[provider] : undefined;
}

/** `operations` is the older word for it. */
function executionModeOf(
  own: OwnExecutionMode,
  given: Attributes,
  inherited: 'remote' | 'local' | 'agent',
): OwnExecutionMode {
  const { operations } = given;
  const older = typeof operations === 'boolean' ? (operations ? 'remote' : 'local') : undefined;
  const overwrites = given['setting-overwrites'];
  return ownExecutionMode(
    {
      mode: given['execution-mode'] ?? older,
      overwrites: overwrites?.['execution-mode'] ?? overwrites?.['agent-pool'] ?? undefined,
    },
    { own, inherited },
  );
}

function settingsOf(given: Attributes): Partial<WorkspaceSettings> {
  return withoutUndefined({
    allowDestroyPlan: given['allow-destroy-plan'] ?? undefined,
    assessmentsEnabled: given['assessments-enabled'] ?? undefined,
    autoApply: given['auto-apply'] ?? undefined,
    autoApplyRunTrigger: given['auto-apply-run-trigger'] ?? undefined,
    fileTriggersEnabled: given['file-triggers-enabled'] ?? undefined,
    globalRemoteState: given['global-remote-state'] ?? undefined,
    queueAllRuns: given['queue-all-runs'] ?? undefined,
    speculativeEnabled: given['speculative-enabled'] ?? undefined,
    structuredRunOutputEnabled: given['structured-run-output-enabled'] ?? undefined,
    sourceName: given['source-name'],
    sourceUrl: given['source-url'],
    ...triggersOf(given),
    ...autoDestroyOf(given),
  });
}

/** Prefixes take the place of patterns, and the other way round: clients send the one kind that they use. */
function triggersOf(given: Attributes): Partial<WorkspaceSettings> {
  const [prefixes, patterns] = [given['trigger-prefixes'], given['trigger-patterns']];
  if (!prefixes && !patterns) return {};
  return { triggerPrefixes: prefixes ?? [], triggerPatterns: patterns ?? [] };
}

/** A time or a duration of its own takes the place of the project's, unless the request says that those count. */
function autoDestroyOf(given: Attributes): Partial<WorkspaceSettings> {
  const [at, duration] = [given['auto-destroy-at'], given['auto-destroy-activity-duration']];
  const inherits = given['inherits-project-auto-destroy'] ?? (at || duration ? false : undefined);
  if (inherits === true) {
    return { inheritsProjectAutoDestroy: true, autoDestroyAt: null, autoDestroyActivityDuration: null };
  }
  return withoutUndefined({
    inheritsProjectAutoDestroy: inherits,
    autoDestroyAt: at ? new Date(at).toISOString() : at,
    autoDestroyActivityDuration: duration,
  });
}

function kept<T>(given: T | null | undefined, before: T, without: T): T {
  return given === undefined ? before : (given ?? without);
}

function withoutUndefined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
