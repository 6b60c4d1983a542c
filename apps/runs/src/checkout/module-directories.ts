// Reads the Terraform files of a checkout, to find its root modules. Symbolic links are not followed.
import { constants } from 'node:fs';
import { type FileHandle, open, opendir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { AppError } from '@terramesh/contracts';
import { hasControlCharacter } from '../domain/directory-path.js';
import { type ModuleFile, readModuleFile, readModuleJson } from '../domain/hcl-blocks.js';
import type { ModuleDirectory } from '../domain/root-modules.js';

const skipped = new Set(['.git', '.terraform', '.terragrunt-cache']);
const maxDirectoryChars = 1024;
/** Of a file, what is beyond is not looked at: its first blocks tell what it is. */
const maxFileBytes = 256 * 1024;

export interface WalkBounds {
  readonly directories: number;
  readonly files: number;
}

const defaultBounds: WalkBounds = { directories: 20_000, files: 20_000 };

/** Every directory that has Terraform files. Throws INVALID for a repository that is too large to be searched. */
export async function readModuleDirectories(root: string, bounds = defaultBounds): Promise<ModuleDirectory[]> {
  const found: ModuleDirectory[] = [];
  const waiting = ['.'];
  let seen = 0;
  let files = 0;
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    seen += 1;
    const { subdirectories, moduleFiles } = await list(root, directory);
    files += moduleFiles.length;
    if (seen > bounds.directories) throw tooLarge(`${bounds.directories} directories`);
    if (files > bounds.files) throw tooLarge(`${bounds.files} Terraform files`);
    if (moduleFiles.length > 0) found.push({ directory: named(directory), files: await readAll(root, moduleFiles) });
    waiting.push(...subdirectories);
  }
  return found;
}

async function list(root: string, directory: string): Promise<{ subdirectories: string[]; moduleFiles: string[] }> {
  const subdirectories: string[] = [];
  const moduleFiles: string[] = [];
  for await (const entry of await opendir(join(root, directory))) {
    const path = posix.join(directory, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) subdirectories.push(path);
    // Terraform passes over files of editors.
    else if (entry.isFile() && /^[^.#].*\.tf(\.json)?$/s.test(entry.name) && !/^#.*#$/s.test(entry.name))
      moduleFiles.push(path);
  }
  return { subdirectories, moduleFiles };
}

async function readAll(root: string, paths: readonly string[]): Promise<ModuleFile[]> {
  const read: ModuleFile[] = [];
  for (const path of paths) {
    const text = await readStart(join(root, path));
    read.push(path.endsWith('.json') ? readModuleJson(text) : readModuleFile(text));
  }
  return read;
}

async function readStart(path: string): Promise<string> {
  const file: FileHandle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(maxFileBytes) });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The directory, if a target can be named after it. */
function named(directory: string): string {
  if (directory.length <= maxDirectoryChars && !hasControlCharacter(directory)) return directory;
  throw new AppError(
    'INVALID',
    `failed to build command: a directory with Terraform files has a name that cannot be used: ${JSON.stringify(directory.slice(0, 200))}`,
  );
}

function tooLarge(what: string): AppError {
  return new AppError(
    'INVALID',
    `failed to build command: the repository has more than ${what}: list its projects in an atlantis.yaml`,
  );
}
