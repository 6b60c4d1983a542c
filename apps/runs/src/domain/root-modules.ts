// Which directories of a repository without atlantis.yaml are root modules, and so targets.
import { posix } from 'node:path';
import { cleanDirectory } from './directory-path.js';
import type { ModuleFile } from './hcl-blocks.js';

export interface ModuleDirectory {
  /** Cleaned, relative to the repository's root. */
  readonly directory: string;
  readonly files: readonly ModuleFile[];
}

/** A directory whose files have none of these has nothing to plan: variables, outputs or locals alone. */
const plannable = ['terraform', 'provider', 'resource', 'module', 'data'];

/**
 * Sorted. A directory is a root module when its files have something to plan, unless it lies in a directory called
 * `modules` or another directory calls it as a module; one with a `backend` or `cloud` is a root module although others
 * call it.
 */
export function findRootModules(directories: readonly ModuleDirectory[]): string[] {
  const called = new Set(
    directories.flatMap(({ directory, files }) =>
      files.flatMap((file) => file.localSources.map((source) => cleanDirectory(posix.join(directory, source)))),
    ),
  );
  return directories
    .filter(({ directory, files }) => {
      if (directory.split('/').includes('modules')) return false;
      if (!files.some(({ blocks }) => plannable.some((type) => blocks.has(type)))) return false;
      return !called.has(directory) || files.some(({ hasBackend }) => hasBackend);
    })
    .map(({ directory }) => directory)
    .sort();
}
