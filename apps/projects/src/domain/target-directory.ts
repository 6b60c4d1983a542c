// From a workspace's working directory to the directory of its target, as apps/runs names it.
import { posix } from 'node:path';

/** `''` and `./` become `.`, `./a//b/` becomes `a/b`. */
export function targetDirectory(workingDirectory: string): string {
  const clean = posix.normalize(workingDirectory);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
