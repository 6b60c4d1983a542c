// Which CLI is there, and which version: read once at the start of a service, without a shell.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { isFileError } from './file-error.js';

export type Distribution = 'terraform' | 'opentofu';

/** A CLI that answered `version -json`. `executable` is absolute, `version` is like `1.11.4`. */
export interface Tool {
  readonly distribution: Distribution;
  readonly executable: string;
  readonly version: string;
}

export type ToolPreference = 'terraform' | 'tofu' | 'auto';

/** No usable CLI: what was searched for, where, and what was wrong with those that were found. */
export class ToolMissingError extends Error {
  override readonly name = 'ToolMissingError';

  constructor(
    readonly searchedFor: readonly string[],
    readonly directories: readonly string[],
    readonly unusable: readonly { readonly executable: string; readonly problem: string }[],
  ) {
    const names = searchedFor.join(' or ');
    const where = directories.length === 0 ? 'PATH, which has no absolute directory' : directories.join(delimiter);
    const broken = unusable.map(
      ({ executable, problem }) => ` ${executable} was found but did not answer: ${problem}.`,
    );
    super(
      `No usable ${names} in ${where}.${broken.join('')} Install ${searchedFor.map((name) => installHints[name]).join(' or ')}` +
        ', or add the directory that holds it to PATH.',
    );
  }
}

const installHints: Record<string, string> = {
  terraform: 'Terraform (https://developer.hashicorp.com/terraform/install)',
  tofu: 'OpenTofu (https://opentofu.org/docs/intro/install)',
};
const candidates: Record<ToolPreference, readonly (readonly [string, Distribution])[]> = {
  terraform: [['terraform', 'terraform']],
  tofu: [['tofu', 'opentofu']],
  auto: [
    ['terraform', 'terraform'],
    ['tofu', 'opentofu'],
  ],
};
const versionTimeoutMs = 10_000;
const run = promisify(execFile);
const VersionDocument = z.object({ terraform_version: z.string().min(1) });

/**
 * The first CLI on `path` (a PATH string) that answers `version -json` within 10 s; `auto` prefers terraform. Relative
 * and empty PATH entries are skipped: a checkout must not bring its own terraform. Throws ToolMissingError.
 */
export async function findTool({ preference, path }: { preference: ToolPreference; path: string }): Promise<Tool> {
  const directories = [...new Set(path.split(delimiter).filter(isAbsolute))];
  const unusable: { executable: string; problem: string }[] = [];
  for (const [name, distribution] of candidates[preference]) {
    for (const directory of directories) {
      const executable = join(directory, name);
      if (!(await isExecutableFile(executable))) continue;
      try {
        return { distribution, executable, version: await readVersion(executable, path) };
      } catch (error) {
        unusable.push({ executable, problem: error instanceof Error ? firstLine(error.message) : String(error) });
      }
    }
  }
  throw new ToolMissingError(
    candidates[preference].map(([name]) => name),
    directories,
    unusable,
  );
}

/** True for a regular file (or a link to one) that this process may execute. */
export async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return false;
    throw error;
  }
}

async function readVersion(executable: string, path: string): Promise<string> {
  // A HOME that does not exist keeps a broken CLI configuration of the user out; `/` keeps lock files of a checkout out.
  const env = { PATH: path, HOME: '/nonexistent', CHECKPOINT_DISABLE: '1' };
  const { stdout } = await run(executable, ['version', '-json'], {
    cwd: '/',
    env,
    timeout: versionTimeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
  });
  return VersionDocument.parse(JSON.parse(stdout)).terraform_version;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
