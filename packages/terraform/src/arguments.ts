// Options → argv, as pure functions. A value is always `-flag=value`, an absolute path or a checked name, so nothing
// that a caller sends can become an option.
import { isAbsolute } from 'node:path';

/** A value that cannot be passed to the CLI safely. A caller that has parsed its input never sees it. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

export interface ExtraArgs {
  /** From the operator's workflow, never from a request. Options that this package owns are refused. */
  readonly extraArgs?: readonly string[];
}

export interface InitOptions extends ExtraArgs {
  /**
   * `keep` (default) may add to the dependency lock file, `readonly` fails where it would have to, `upgrade` replaces
   * the locked versions.
   */
  readonly dependencies?: 'keep' | 'readonly' | 'upgrade';
  /** Paths of files or `key=value`. */
  readonly backendConfig?: readonly string[];
  /** `reconfigure` forgets the backend that the kept data directory knew. */
  readonly backend?: 'as-before' | 'reconfigure';
}

/** argv of `init`. */
export function initArgs({
  dependencies = 'keep',
  backendConfig = [],
  backend,
  extraArgs,
}: InitOptions = {}): string[] {
  return [
    'init',
    '-input=false',
    '-no-color',
    ...(dependencies === 'readonly' ? ['-lockfile=readonly'] : []),
    ...(dependencies === 'upgrade' ? ['-upgrade'] : []),
    ...(backend === 'reconfigure' ? ['-reconfigure'] : []),
    ...backendConfig.map((value) => option('-backend-config', value)),
    ...checkedExtraArgs(extraArgs),
  ];
}

export interface PlanOptions extends ExtraArgs {
  /** Absolute path of the plan file to write. */
  readonly out: string;
  /** How long to wait for the state lock, in ms; absent = not at all. */
  readonly lockTimeoutMs?: number;
  readonly refresh?: 'refresh' | 'skip';
  readonly mode?: 'normal' | 'destroy' | 'refresh-only';
  /** Relative ones are relative to the root module. */
  readonly varFiles?: readonly string[];
}

/** argv of `plan`; exit code 0 = no changes, 2 = changes, see `planOutcome`. The state lock is always taken. */
export function planArgs({ out, lockTimeoutMs, refresh, mode, varFiles = [], extraArgs }: PlanOptions): string[] {
  return [
    'plan',
    '-input=false',
    '-no-color',
    '-detailed-exitcode',
    option('-out', absolute(out)),
    ...lockTimeout(lockTimeoutMs),
    ...(refresh === 'skip' ? ['-refresh=false'] : []),
    ...(mode === 'destroy' ? ['-destroy'] : []),
    ...(mode === 'refresh-only' ? ['-refresh-only'] : []),
    ...varFiles.map((path) => option('-var-file', path)),
    ...checkedExtraArgs(extraArgs),
  ];
}

/** argv of `show -json`: the plan file as one JSON document on stdout. */
export function showPlanArgs({ planFile }: { readonly planFile: string }): string[] {
  return ['show', '-json', '-no-color', absolute(planFile)];
}

export interface ApplyOptions extends ExtraArgs {
  /** Absolute path. Applying a plan file asks nothing, so there is no `-auto-approve`. */
  readonly planFile: string;
  readonly lockTimeoutMs?: number;
}

/** argv of `apply` of a plan file. */
export function applyArgs({ planFile, lockTimeoutMs, extraArgs }: ApplyOptions): string[] {
  return [
    'apply',
    '-input=false',
    '-no-color',
    ...lockTimeout(lockTimeoutMs),
    ...checkedExtraArgs(extraArgs),
    absolute(planFile),
  ];
}

/** argv of `state pull`: the state as JSON on stdout, nothing when there is none. */
export function statePullArgs(): string[] {
  return ['state', 'pull'];
}

/** argv of `workspace …`. Runs need none of it: see `workspaceEnvironment`. */
export const workspaceArgs = {
  show: (): string[] => ['workspace', 'show', '-no-color'],
  select: (workspace: string): string[] => ['workspace', 'select', '-no-color', checkedWorkspace(workspace)],
  create: (workspace: string): string[] => ['workspace', 'new', '-no-color', checkedWorkspace(workspace)],
};

/**
 * `workspace`, or ArgumentError. Terraform's own rule (what url.PathEscape leaves alone), without a leading `-` and
 * without `.` and `..`, which Terraform accepts and the local backend would follow.
 */
export function checkedWorkspace(workspace: string): string {
  if (/^(?!-)(?!\.{1,2}$)[A-Za-z0-9\-_.~$&+:=@]{1,255}$/.test(workspace)) return workspace;
  throw new ArgumentError(`not a Terraform workspace name: ${JSON.stringify(workspace)}`);
}

const ownedOptions = new Set([
  'chdir',
  'plugin-dir',
  'lock',
  'input',
  'out',
  'detailed-exitcode',
  'json',
  'auto-approve',
]);

function checkedExtraArgs(extraArgs: readonly string[] = []): readonly string[] {
  for (const argument of extraArgs) {
    const name = /^--?([^=]+)/.exec(argument)?.[1];
    if (name !== undefined && ownedOptions.has(name))
      throw new ArgumentError(`-${name} is not allowed in extra arguments`);
    withoutNul(argument);
  }
  return extraArgs;
}

function lockTimeout(timeoutMs: number | undefined): string[] {
  if (timeoutMs === undefined) return [];
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 0)
    throw new ArgumentError(`not a lock timeout in ms: ${timeoutMs}`);
  return [`-lock-timeout=${timeoutMs}ms`];
}

function option(flag: string, value: string): string {
  return `${flag}=${withoutNul(value)}`;
}

function absolute(path: string): string {
  if (!isAbsolute(path)) throw new ArgumentError(`not an absolute path: ${JSON.stringify(path)}`);
  return withoutNul(path);
}

function withoutNul(value: string): string {
  if (value.includes('\0')) throw new ArgumentError('an argument contains a NUL character');
  return value;
}
