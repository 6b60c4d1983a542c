// The environment that Terraform and everything it starts may see: an allow-list, so that a plan cannot read ours.
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ArgumentError, checkedWorkspace } from './arguments.js';

export type Environment = Record<string, string>;

export interface EnvironmentOptions {
  /** The environment to choose from, usually the service's own. */
  readonly parent: Readonly<Record<string, string | undefined>>;
  /** Further names to pass on; one that ends in `_` or `*` is a prefix: `AWS_`, `TF_VAR_*`. */
  readonly allow?: readonly string[];
  /** Values of this target, over those of the parent. Names that this package owns throw ArgumentError. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Absolute; Terraform's own HOME, never the service's. */
  readonly home: string;
  /** Absolute, outside the checkout: TF_DATA_DIR. */
  readonly dataDir: string;
  readonly pluginCacheDir?: string;
  /** Passed on only where it exists: Terraform warns on stderr, every time, about one that does not. */
  readonly cliConfigFile?: string;
  /** For everything but `init`: see `workspaceEnvironment`. */
  readonly workspace?: string;
}

const passedOn = ['PATH', 'LANG', 'LC_*', 'TZ', 'TMPDIR', 'SSL_CERT_*'];
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** Ours, whatever the allow-list says. */
const secret = ['TERRAMESH_*', 'ATLANTIS_*', 'DATABASE_URL', 'MESH_URL', 'NODE_*'];
/** Set here or not at all: any of them changes what a command means. */
const owned = [
  'HOME',
  'TF_CLI_ARGS*',
  'TF_CLI_CONFIG_FILE',
  'TF_DATA_DIR',
  'TF_IN_AUTOMATION',
  'TF_INPUT',
  'TF_PLUGIN_CACHE_DIR',
  'TF_WORKSPACE',
  'TERRAFORM_CONFIG',
  'CHECKPOINT_DISABLE',
];

/** The whole environment of one process; nothing else is inherited. Reads the file system for `cliConfigFile` only. */
export function terraformEnvironment(options: EnvironmentOptions): Environment {
  const allowed = [...passedOn, ...proxies, ...(options.allow ?? [])];
  const environment: Environment = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  for (const [name, value] of Object.entries(options.parent)) {
    if (value === undefined || !matches(name, allowed) || matches(name, secret) || matches(name, owned)) continue;
    environment[name] = value;
  }
  for (const [name, value] of Object.entries(options.variables ?? {})) {
    if (matches(name, secret) || matches(name, owned)) throw new ArgumentError(`the variable ${name} cannot be set`);
    if (!/^[^=\0]+$/.test(name) || value.includes('\0'))
      throw new ArgumentError(`not a variable: ${JSON.stringify(name)}`);
    environment[name] = value;
  }
  return Object.assign(environment, ownedVariables(options));
}

/**
 * What selects a CLI workspace without a process: TF_WORKSPACE, which `plan` and `apply` also create when it does not
 * exist. Not for `init`: it refuses one that does not exist. `plan` and `apply` need the same one, a plan file does not
 * remember it and would change the state of another. `default` sets nothing, so that `cloud {}` with a fixed name keeps
 * its own. What was tried is in the README. Throws ArgumentError.
 */
export function workspaceEnvironment(workspace: string): Environment {
  return checkedWorkspace(workspace) === 'default' ? {} : { TF_WORKSPACE: workspace };
}

function ownedVariables({ home, dataDir, pluginCacheDir, cliConfigFile, workspace }: EnvironmentOptions): Environment {
  for (const path of [home, dataDir, pluginCacheDir, cliConfigFile]) {
    if (path !== undefined && !isAbsolute(path)) throw new ArgumentError(`not an absolute path: ${path}`);
  }
  return {
    HOME: home,
    TF_DATA_DIR: dataDir,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    ...(pluginCacheDir === undefined ? {} : { TF_PLUGIN_CACHE_DIR: pluginCacheDir }),
    ...(cliConfigFile !== undefined && existsSync(cliConfigFile) ? { TF_CLI_CONFIG_FILE: cliConfigFile } : {}),
    ...(workspace === undefined ? {} : workspaceEnvironment(workspace)),
  };
}

function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*')
      ? name.startsWith(pattern.slice(0, -1))
      : pattern.endsWith('_')
        ? name.startsWith(pattern)
        : name === pattern,
  );
}
