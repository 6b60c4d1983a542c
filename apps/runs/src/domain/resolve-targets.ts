// Which targets a run acts on (Atlantis: project_command_builder.go buildProjectPlanCommand).
import { AppError, isAppError, type Misfit, maxTargets, type StartRun, type Target } from '@terramesh/contracts';
import { cleanDirectory, hasControlCharacter, isOutside } from './directory-path.js';
import type { ConfiguredProject, RepoConfig } from './repo-config.js';

export interface ResolvedTarget {
  readonly target: Target;
  readonly executionOrderGroup: number;
  /** Names of targets to be applied before this one. */
  readonly dependsOn: readonly string[];
  /** Why this target can only fail, or null. The other targets of the run go on. */
  readonly problem: string | null;
}

/**
 * Every project of atlantis.yaml; when it has none, or there is no such file, one target per root module, in the default
 * Terraform workspace. By execution order group. Throws INVALID when there are more than `maxTargets`.
 */
export async function resolveEveryTarget(
  config: RepoConfig | null,
  findRootModules: () => Promise<readonly string[]>,
): Promise<ResolvedTarget[]> {
  if (config !== null && config.projects.length > 0) return inOrder(config.projects.map(configured));
  const directories = await findRootModules();
  return inOrder(
    directories.map((directory) => ({
      target: { directory, terraformWorkspace: 'default', name: '' },
      executionOrderGroup: 0,
      dependsOn: [],
      problem: null,
    })),
  );
}

interface TargetsRequest {
  readonly projects: StartRun['projects'];
  readonly paths: StartRun['paths'];
  readonly config: RepoConfig | null;
}

/**
 * One element per distinct target, by execution order group, within a group in the order of the request (names before
 * paths). `config` is null when the repository has no atlantis.yaml. Glob characters in a path are literal.
 * Throws INVALID when a name or a path does not fit the config or there are more than `maxTargets`.
 */
export function resolveTargets(request: TargetsRequest): ResolvedTarget[] {
  const { config } = request;
  const asked = [
    ...request.projects.map((name) => targetOfName(name, config)),
    ...request.paths.map((path) => targetOfPath(path, config)),
  ];
  return inOrder(asked);
}

/** The same, but names and paths that do not fit are left out. Throws INVALID when none fits. */
export function resolveFittingTargets(request: TargetsRequest): { targets: ResolvedTarget[]; leftOut: Misfit[] } {
  const { config, projects, paths } = request;
  const leftOut: Misfit[] = [];
  const attempt = (selector: Omit<Misfit, 'reason'>, resolve: () => ResolvedTarget): ResolvedTarget[] => {
    try {
      return [resolve()];
    } catch (error) {
      if (!isAppError(error)) throw error;
      leftOut.push({ ...selector, reason: error.message });
      return [];
    }
  };
  const asked = [
    ...projects.flatMap((project) =>
      attempt({ project, directory: '', workspace: '' }, () => targetOfName(project, config)),
    ),
    ...paths.flatMap((path) => attempt({ project: '', ...path }, () => targetOfPath(path, config))),
  ];
  const [first] = leftOut;
  if (asked.length === 0 && first !== undefined) throw new AppError('INVALID', first.reason);
  return { targets: inOrder(asked), leftOut };
}

function inOrder(asked: readonly ResolvedTarget[]): ResolvedTarget[] {
  const distinct = [...new Map(asked.map((resolved) => [keyOf(resolved.target), resolved])).values()];
  if (distinct.length > maxTargets) {
    throw refusal(`a run may have at most ${maxTargets} projects, this one asks for ${distinct.length}`);
  }
  return distinct.sort((a, b) => a.executionOrderGroup - b.executionOrderGroup);
}

function targetOfName(name: string, config: RepoConfig | null): ResolvedTarget {
  if (config === null) {
    throw refusal('cannot specify a project name unless an atlantis.yaml file exists to configure projects');
  }
  const project = config.projects.find((candidate) => candidate.name === name);
  if (project === undefined) throw refusal(`no project with name '${name}' is defined in 'atlantis.yaml'`);
  return configured(project);
}

function targetOfPath(path: StartRun['paths'][number], config: RepoConfig | null): ResolvedTarget {
  if (hasControlCharacter(path.directory)) throw refusal('a directory contains a control character');
  const directory = cleanDirectory(path.directory);
  const terraformWorkspace = path.workspace || 'default';
  const unconfigured = { target: { directory, terraformWorkspace, name: '' }, executionOrderGroup: 0, dependsOn: [] };
  if (isOutside(directory)) {
    return {
      ...unconfigured,
      problem: `project path traversal detected: directory "${directory}" is outside of the repository`,
    };
  }

  const ofDirectory = config?.projects.filter((project) => project.directory === directory) ?? [];
  const matches = ofDirectory.filter((project) => project.terraformWorkspace === terraformWorkspace);
  const [match, ...further] = matches;
  if (further.length > 0) {
    throw refusal(
      `must specify project name: more than one project defined in 'atlantis.yaml' matched dir: '${directory}' workspace: '${terraformWorkspace}'`,
    );
  }
  if (match !== undefined) return configured(match);
  if (ofDirectory.length > 0) {
    const workspaces = [...new Set(ofDirectory.map((project) => project.terraformWorkspace))].join(', ');
    throw refusal(
      `running commands in workspace "${terraformWorkspace}" is not allowed because this directory is only configured for the following workspaces: ${workspaces}`,
    );
  }
  return { ...unconfigured, problem: null };
}

function configured(project: ConfiguredProject): ResolvedTarget {
  const { name, directory, terraformWorkspace, executionOrderGroup, dependsOn } = project;
  return { target: { directory, terraformWorkspace, name }, executionOrderGroup, dependsOn, problem: null };
}

function keyOf(target: Target): string {
  return JSON.stringify([target.directory, target.terraformWorkspace, target.name]);
}

function refusal(reason: string): AppError {
  return new AppError('INVALID', `failed to build command: ${reason}`);
}
