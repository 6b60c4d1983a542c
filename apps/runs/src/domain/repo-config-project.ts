// One element of `projects` in atlantis.yaml.
import { TerraformWorkspaceName } from '@terramesh/contracts';
import { cleanDirectory, hasControlCharacter, isOutside } from './directory-path.js';
import type { YamlNode, YamlSource } from './yaml-source.js';

export interface ConfiguredProject {
  /** Empty when it has none. */
  readonly name: string;
  /** Cleaned, relative to the repository's root: `.`, `a/b`. */
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly executionOrderGroup: number;
  /** Names of projects of the same file. */
  readonly dependsOn: readonly string[];
}

const keys = {
  known: new Set(['name', 'dir', 'workspace', 'execution_order_group', 'depends_on']),
  unsupported: new Set([
    'branch',
    'workflow',
    'terraform_distribution',
    'terraform_version',
    'autoplan',
    'plan_requirements',
    'apply_requirements',
    'import_requirements',
    'delete_source_branch_on_merge',
    'repo_locking',
    'repo_locks',
    'policy_check',
    'custom_policy_check',
    'silence_pr_comments',
  ]),
};

const maxNameLength = 255;
const maxDirectoryLength = 1024;
const orderGroupLimit = 2 ** 31;
const maxDependencies = 100;

/** Null when it is not a mapping with a usable dir; every problem is reported to `source`. */
export function readProject(source: YamlSource, node: YamlNode): ConfiguredProject | null {
  const fields = source.fields(node, 'a project', keys);
  if (fields === null) return null;
  const read = <T>(key: string, reader: (source: YamlSource, node: YamlNode) => T | null, otherwise: T): T => {
    const field = fields.get(key);
    return field === undefined ? otherwise : (reader(source, field) ?? otherwise);
  };
  if (!fields.has('dir')) source.problem(node, 'dir is required');
  const project = {
    name: read('name', readName, ''),
    directory: read('dir', readDirectory, ''),
    terraformWorkspace: read('workspace', readWorkspace, 'default'),
    executionOrderGroup: read('execution_order_group', readOrderGroup, 0),
    dependsOn: read('depends_on', readDependsOn, []),
  };
  return project.directory === '' ? null : project;
}

/** Atlantis: raw/project.go validProjectName; a `/` is allowed. */
function readName(source: YamlSource, node: YamlNode): string | null {
  const name = source.string(node, 'name');
  if (name === null) return null;
  if (!/^[\w.~/-]*$/.test(name)) return source.problem(node, `name "${name}" must contain only URL safe characters`);
  return name.length > maxNameLength ? source.problem(node, `name is longer than ${maxNameLength} characters`) : name;
}

function readDirectory(source: YamlSource, node: YamlNode): string | null {
  const written = source.string(node, 'dir');
  if (written === null) return null;
  if (written.length > maxDirectoryLength) {
    return source.problem(node, `dir is longer than ${maxDirectoryLength} characters`);
  }
  if (hasControlCharacter(written)) return source.problem(node, 'dir contains a control character');
  if (written.split('/').includes('..')) return source.problem(node, `dir "${written}" cannot contain '..'`);
  if (/[*?[]/.test(written)) return source.problem(node, `a pattern in dir ("${written}") is not supported yet`);
  const directory = cleanDirectory(written);
  // Atlantis: raw/project.go ToValid takes `/` for the root of the repository.
  if (directory === '/') return '.';
  return isOutside(directory) ? source.problem(node, `dir "${written}" must be relative`) : directory;
}

function readWorkspace(source: YamlSource, node: YamlNode): string | null {
  const workspace = source.string(node, 'workspace');
  if (workspace === null || workspace === '') return null;
  return TerraformWorkspaceName.safeParse(workspace).success
    ? workspace
    : source.problem(node, `workspace "${workspace}" is not allowed`);
}

function readOrderGroup(source: YamlSource, node: YamlNode): number | null {
  const group = source.integer(node, 'execution_order_group');
  return group === null || Math.abs(group) < orderGroupLimit
    ? group
    : source.problem(node, 'execution_order_group is out of range');
}

function readDependsOn(source: YamlSource, node: YamlNode): readonly string[] | null {
  const items = source.items(node, 'depends_on');
  if (items === null) return null;
  if (items.length > maxDependencies) {
    return source.problem(node, `depends_on has more than ${maxDependencies} names`);
  }
  return [...new Set(items.flatMap((item) => source.string(item, 'depends_on') ?? []))];
}
