import { copyFile, readdir, readFile, stat } from 'node:fs/promises';

export async function exists(path: string): Promise<boolean> {
  return (await ifThere(stat(path))) !== undefined;
}

export async function readIfThere(path: string): Promise<Buffer | undefined> {
  return ifThere(readFile(path));
}

export async function copyIfThere(from: string, to: string): Promise<void> {
  if (await exists(from)) await copyFile(from, to);
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** The names in a folder; none when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}

/** The folders in a folder; none when there is no such folder. */
export async function foldersIn(folder: string): Promise<string[]> {
  const entries = (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
