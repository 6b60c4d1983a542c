// Paths inside a checkout, symbolic links followed: nothing that a repository contains leads out of it.
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '@terramesh/contracts';
import { cleanDirectory, hasControlCharacter, isOutside } from '../domain/directory-path.js';
import { maxRepoConfigBytes, RepoConfigError } from '../domain/repo-config.js';
import { isDirectory } from './worktrees.js';

/** A target's directory cannot be used: the problem of that target alone. */
export class TargetDirectoryError extends AppError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('INVALID', message, options);
  }
}

/** The absolute real path of a target's directory. Throws TargetDirectoryError. */
export async function resolveTargetDirectory(root: string, directory: string): Promise<string> {
  const clean = cleanDirectory(directory);
  if (isOutside(clean) || hasControlCharacter(clean)) throw leavesRoot(directory);
  const found = await findWithin(root, clean);
  if (found.is === 'absent') throw new TargetDirectoryError(`the dir "${directory}" does not exist`);
  if (found.is === 'outside') throw leavesRoot(directory);
  if (await isDirectory(found.path)) return found.path;
  throw new TargetDirectoryError(`the dir "${directory}" is not a directory`);
}

function leavesRoot(directory: string): TargetDirectoryError {
  return new TargetDirectoryError(
    `project path traversal detected: directory "${directory}" is outside of the repository`,
  );
}

/** The text of atlantis.yaml, or null when the repository has none. Throws RepoConfigError. */
export async function readRepoConfigFile(root: string): Promise<string | null> {
  const found = await findWithin(root, 'atlantis.yaml');
  if (found.is === 'outside') throw unreadable('it is a symbolic link that leaves the repository');
  if (found.is === 'within') return readText(found.path);
  if ((await findWithin(root, 'atlantis.yml')).is === 'absent') return null;
  throw unreadable('found "atlantis.yml" as config file; rename using the .yaml extension');
}

async function readText(path: string): Promise<string> {
  const file = await open(path);
  try {
    if (!(await file.stat()).isFile()) throw unreadable('it is not a file');
    // Read no further than the limit, whatever the size is said to be.
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(maxRepoConfigBytes + 1) });
    if (bytesRead > maxRepoConfigBytes) throw unreadable('the file is larger than 1 MiB');
    return decode(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('the file is not UTF-8');
  }
}

function unreadable(message: string): RepoConfigError {
  return new RepoConfigError([{ line: 1, column: 1, message }]);
}

type Found = { is: 'absent' } | { is: 'outside' } | { is: 'within'; path: string };

async function findWithin(root: string, path: string): Promise<Found> {
  const realRoot = await realpath(root);
  try {
    const real = await realpath(join(realRoot, path));
    return real === realRoot || real.startsWith(realRoot + sep) ? { is: 'within', path: real } : { is: 'outside' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG') return { is: 'absent' };
    throw error;
  }
}
