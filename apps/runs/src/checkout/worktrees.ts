// git worktrees, registered and removed through the file system: `git worktree add` fails now and then beside another one
// or a fetch, which read its half-written files. Here a worktree appears and disappears in the mirror by a rename.
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@terramesh/contracts';
import { diskFullError } from './disk-full.js';
import { type Git, GitError } from './git.js';
import { draftsFolder, isMissing, markDamaged, namesIn } from './mirror-files.js';

export interface Worktree {
  readonly mirror: string;
  /** Its last part is also the name of the folder in the mirror. */
  readonly directory: string;
}

export interface WorktreeRequest extends Worktree {
  readonly git: Git;
  /** Full SHA. */
  readonly commit: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly priority?: 'normal' | 'low';
}

/** Checks out into a directory that does not exist yet. Throws UNAVAILABLE; what is there then is to be removed. */
export async function addWorktree(request: WorktreeRequest): Promise<void> {
  const { git, directory, commit, timeoutMs, signal, priority = 'normal' } = request;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await register(request);
    await git.run(['read-tree', '--reset', '-u', commit], {
      cwd: directory,
      timeoutMs,
      reach: 'disk',
      priority,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw (await diskFullError(dirname(directory), error)) ?? (await explain(request, error));
  }
}

/** The files of a linked worktree, see gitrepository-layout(5): its head, where its repository is, where it is. */
async function register({ mirror, directory, commit }: WorktreeRequest): Promise<void> {
  const { draft, registered } = foldersAbout({ mirror, directory });
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, 'HEAD'), `${commit}\n`);
  await writeFile(join(draft, 'commondir'), '../..\n');
  await writeFile(join(draft, 'gitdir'), `${join(directory, '.git')}\n`);
  await writeFile(join(directory, '.git'), `gitdir: ${registered}\n`);
  await mkdir(join(mirror, 'worktrees'), { recursive: true });
  await rename(draft, registered);
}

async function explain({ commit, mirror }: WorktreeRequest, cause: unknown): Promise<unknown> {
  if (!(cause instanceof GitError)) return cause;
  // A git that was killed says nothing about the mirror.
  if (cause.exitCode !== null) await markDamaged(mirror);
  const reason = cause.reason === 'timeout' ? 'it took too long' : cause.stderr;
  return new AppError('UNAVAILABLE', `commit ${commit} could not be checked out: ${reason}`, { cause });
}

/** Any part of it may be gone already. */
export async function removeWorktree(worktree: Worktree): Promise<void> {
  const { draft, registered } = foldersAbout(worktree);
  await removeFolder(draft);
  try {
    await rename(registered, draft);
    await removeFolder(draft);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await removeFolder(worktree.directory);
}

function foldersAbout({ mirror, directory }: Worktree): { draft: string; registered: string } {
  const name = basename(directory);
  return { draft: join(mirror, draftsFolder, name), registered: join(mirror, 'worktrees', name) };
}

/** Removes the trees, and what mirrors know of trees, that `findKept` does not name. */
export async function collectWorktrees(places: {
  trees: string;
  mirrors: string;
  /** Called after the folders have been listed: what is begun later is not among them. */
  findKept: () => Promise<ReadonlySet<string>>;
}): Promise<void> {
  const { trees } = places;
  const mirrors = (await namesIn(places.mirrors)).map((name) => join(places.mirrors, name));
  const names = new Set(await namesIn(trees));
  for (const mirror of mirrors) {
    for (const name of await namesIn(join(mirror, 'worktrees'))) names.add(name);
    for (const name of await namesIn(join(mirror, draftsFolder))) names.add(name);
  }
  const kept = await places.findKept();
  for (const name of names) {
    if (kept.has(name)) continue;
    for (const mirror of mirrors) await removeWorktree({ mirror, directory: join(trees, name) });
    await removeFolder(join(trees, name));
  }
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
