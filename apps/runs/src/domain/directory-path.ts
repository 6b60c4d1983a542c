// Directories of a repository as callers and atlantis.yaml write them. Text only: symbolic links are another matter.
import { posix } from 'node:path';

/** `''` and `./` become `.`, `./a//b/` becomes `a/b`; what leaves the repository keeps its leading `..` or `/`. */
export function cleanDirectory(directory: string): string {
  const clean = posix.normalize(directory);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

/** True for a cleaned directory that is absolute or begins above the root. */
export function isOutside(directory: string): boolean {
  return directory.startsWith('/') || directory === '..' || directory.startsWith('../');
}

export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
  return /[\x00-\x1f\x7f]/.test(text);
}
