// atlantis.yaml, the part of it that is supported (Atlantis: raw/repo_cfg.go, raw/project.go, valid/repo_cfg.go).
import { AppError, maxTargets } from '@terramesh/contracts';
import { type ConfiguredProject, readProject } from './repo-config-project.js';
import { findRuleBreaches } from './repo-config-rules.js';
import { type YamlNode, type YamlProblem, YamlSource } from './yaml-source.js';

export type { ConfiguredProject };

export interface RepoConfig {
  readonly version: 2 | 3;
  readonly projects: readonly ConfiguredProject[];
}

/** Its message begins with `parsing atlantis.yaml: `; `details.problems` has line, column and message of each. */
export class RepoConfigError extends AppError {
  constructor(problems: readonly YamlProblem[]) {
    super('INVALID', `parsing atlantis.yaml: ${describe(problems)}`, { details: { problems: problems.slice(0, 20) } });
  }
}

export const maxRepoConfigBytes = 1024 * 1024;

const keys = {
  known: new Set(['version', 'projects']),
  unsupported: new Set([
    'workflows',
    'policies',
    'autodiscover',
    'automerge',
    'parallel_plan',
    'parallel_apply',
    'delete_source_branch_on_merge',
    'emoji_reaction',
    'allowed_regexp_prefixes',
    'abort_on_execution_order_fail',
    'repo_locks',
    'silence_pr_comments',
  ]),
};

/** Throws RepoConfigError with every problem that was found. */
export function parseRepoConfig(text: string): RepoConfig {
  if (Buffer.byteLength(text) > maxRepoConfigBytes) {
    throw new RepoConfigError([{ line: 1, column: 1, message: 'the file is larger than 1 MiB' }]);
  }
  const source = new YamlSource();
  const root = source.parse(text);
  if (source.problems.length > 0) throw new RepoConfigError(source.problems);

  const fields = root === null ? new Map<string, YamlNode>() : source.fields(root, 'the file', keys);
  const version = fields === null ? null : readVersion(source, root, fields.get('version'));
  const projects = readProjects(source, fields?.get('projects'));
  if (version === null || source.problems.length > 0) throw new RepoConfigError(source.problems);
  return { version, projects };
}

function readVersion(source: YamlSource, root: YamlNode, node: YamlNode | undefined): RepoConfig['version'] | null {
  if (node === undefined) return source.problem(root, 'version is required: 2 or 3');
  const version = source.integer(node, 'version');
  if (version === null || version === 2 || version === 3) return version;
  return source.problem(node, `version ${version} is not supported, only 2 and 3 are`);
}

function readProjects(source: YamlSource, node: YamlNode | undefined): ConfiguredProject[] {
  if (node === undefined) return [];
  const items = source.items(node, 'projects') ?? [];
  if (items.length > maxTargets) source.problem(node, `more than ${maxTargets} projects`);
  const places = new Map<ConfiguredProject, YamlNode>();
  for (const item of items.slice(0, maxTargets)) {
    const project = readProject(source, item);
    if (project !== null) places.set(project, item);
  }
  const projects = [...places.keys()];
  for (const { project, message } of findRuleBreaches(projects)) source.problem(places.get(project) ?? node, message);
  return projects;
}

function describe(problems: readonly YamlProblem[]): string {
  const shown = problems.slice(0, 20).map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  const more = problems.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}
