// git worktrees: added by git, removed as what they are: a folder, and a folder about it in the mirror.
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '@terramesh/contracts';
import { diskFullError } from './disk-full.js';
import { type Git, GitError } from './git.js';
import { isMissing, markDamaged, namesIn } from './mirror-files.js';

export interface Worktree {
  readonly mirror: string;
  /** Its last part is also the name of the folder in the mirror. */
  readonly directory: string;
}

export interface WorktreeRequest extends Worktree {
  readonly git: Git;
  readonly commit: string;
  readonly timeoutMs: number;
}

/** Checks out into a directory that does not exist yet. Throws UNAVAILABLE; what is there then is to be removed. */
export async function addWorktree(request: WorktreeRequest): Promise<void> {
  const { git, mirror, directory, commit, timeoutMs } = request;
  const args = [`--git-dir=${mirror}`, 'worktree', 'add', '--quiet', '--detach', '--', directory, commit];
  try {
    await git.run(args, { cwd: git.directory, timeoutMs, reach: 'disk' });
  } catch (error) {
    throw (await diskFullError(git.directory, error)) ?? (await explain(request, error));
  }
}

async function explain(request: WorktreeRequest, cause: unknown): Promise<unknown> {
  if (!(cause instanceof GitError)) return cause;
  const { commit, mirror } = request;
  if (cause.reason === 'timeout') {
    return new AppError('UNAVAILABLE', `commit ${commit} could not be checked out in time`, { cause });
  }
  const neededBytes = await sizeOfTree(request);
  // git removes what it wrote when it fails, so that by now there is room again.
  const full = await diskFullError(request.git.directory, cause, neededBytes ?? 0);
  if (full !== null) return full;
  // A git that was killed says nothing about the mirror.
  if (cause.exitCode !== null) await markDamaged(mirror);
  return new AppError('UNAVAILABLE', `commit ${commit} could not be checked out: ${cause.stderr}`, { cause });
}

/** What the first megabyte of file names adds up to; undefined when the mirror does not know. */
async function sizeOfTree({ git, mirror, commit, timeoutMs }: WorktreeRequest): Promise<number | undefined> {
  try {
    const args = [`--git-dir=${mirror}`, 'ls-tree', '-r', '-l', commit];
    const listing = await git.run(args, { cwd: git.directory, timeoutMs, reach: 'disk' });
    const sizes = [...listing.matchAll(/^\d+ blob [0-9a-f]+ +(\d+)\t/gm)].map(([, size]) => Number(size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/** Either part may be gone already. */
export async function removeWorktree({ mirror, directory }: Worktree): Promise<void> {
  await removeFolder(directory);
  await removeFolder(join(mirror, 'worktrees', basename(directory)));
}

/** Removes the trees, and the folders about trees, that `findKept` does not name. */
export async function collectWorktrees(places: {
  trees: string;
  mirrors: string;
  /** Called after the folders have been listed: what is begun later is not among them. */
  findKept: () => Promise<ReadonlySet<string>>;
}): Promise<void> {
  const parents = [places.trees];
  for (const mirror of await namesIn(places.mirrors)) parents.push(join(places.mirrors, mirror, 'worktrees'));
  const found: { parent: string; name: string }[] = [];
  for (const parent of parents) for (const name of await namesIn(parent)) found.push({ parent, name });
  const kept = await places.findKept();
  for (const { parent, name } of found) if (!kept.has(name)) await removeFolder(join(parent, name));
}

export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Something may still be writing below it. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
