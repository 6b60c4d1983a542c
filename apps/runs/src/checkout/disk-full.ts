// git says "failed" for a full disk as for anything else: the file system knows.
import { statfs } from 'node:fs/promises';
import { AppError } from '@terramesh/contracts';

const reserveBytes = 8 * 1024 * 1024;
const reserveFiles = 100;

/**
 * An UNAVAILABLE to throw when `cause` says that the disk is full, or when the file system of `folder` has next to
 * nothing left; else null.
 */
export async function diskFullError(folder: string, cause: unknown): Promise<AppError | null> {
  const { code } = cause as NodeJS.ErrnoException;
  const { bavail, bsize, files, ffree } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const outOfFiles = files > 0 && ffree < reserveFiles;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || outOfFiles || freeBytes < reserveBytes;
  if (!isFull) return null;
  const left = outOfFiles ? 'no more files can be created' : `${Math.floor(freeBytes / 1024)} KiB are left`;
  return new AppError('UNAVAILABLE', `the disk of the worker is full: ${left}`, { cause });
}
