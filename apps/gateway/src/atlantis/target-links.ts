// How Atlantis names a target to people: the commands to repeat and the page of its lock.
import type { Target } from '@terramesh/contracts';

/** `-p vpc`, `-d .`, `-w staging` or `-d modules/vpc -w staging` (Atlantis: comment_parser.go buildFlags). */
export function targetFlags(target: Target): string {
  if (target.name !== '') return `-p ${quote(target.name)}`;
  const isRoot = target.directory === '.';
  const isDefault = target.terraformWorkspace === 'default';
  const flags: string[] = [];
  if (!isRoot || isDefault) flags.push(`-d ${quote(target.directory)}`);
  if (!isDefault) flags.push(`-w ${quote(target.terraformWorkspace)}`);
  return flags.join(' ');
}

/** `<repository>/<directory>/<workspace>/<name>` (Atlantis: models.go GenerateLockKey). */
export function lockName(repository: string, target: Target): string {
  return `${repository}/${target.directory}/${target.terraformWorkspace}/${target.name}`;
}

/** The page of a lock; its name is escaped twice, as a path and then as a query (Atlantis: router.go GenerateLockURL). */
export function lockPageUrl(publicUrl: string, name: string): string {
  return `${publicUrl}/lock?id=${encodeURIComponent(encodeURIComponent(name))}`;
}

function quote(word: string): string {
  return word.includes(' ') ? `"${word}"` : word;
}
