// What a target is called where two of them must not be confused.
import { createHash } from 'node:crypto';

interface TargetName {
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly name: string;
}

/** A name says which target it is; without one, directory and workspace do. */
export function targetKey({ directory, terraformWorkspace, name }: TargetName): string {
  const parts = name === '' ? ['path', directory, terraformWorkspace] : ['name', name];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The same over all repositories, whatever the ref: all refs of a target share its state. */
export function claimOf(repository: { hostname: string; repository: string }, target: TargetName): string {
  const parts = [repository.hostname, repository.repository.toLowerCase(), targetKey(target)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** How people read of it. */
export function targetLabel({ directory, terraformWorkspace, name }: TargetName): string {
  return name === '' ? `${directory} in workspace ${terraformWorkspace}` : name;
}
