import type { WorkspaceStanding } from '@terramesh/contracts';

/** `is locked by User ann`: clients look for `is locked by` and the word after it. */
export function lockedBy({ person, holder }: WorkspaceStanding): string {
  if (person !== null) return `is locked by ${person.ownerId.startsWith('team-') ? 'Team' : 'User'} ${person.user}`;
  if (holder === null) return 'is not locked';
  return holder.kind === 'run'
    ? `is locked by Run ${holder.runId}`
    : `is locked by Run of pull request #${holder.pull}`;
}
