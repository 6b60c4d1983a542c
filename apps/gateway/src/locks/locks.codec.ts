// Locks ⇄ Atlantis' wire shapes and texts.
import { AppError, type AtlantisLock, type HeldLock, type LockOwner } from '@terramesh/contracts';
import { encodeGoJson } from '../atlantis/go-json.js';

/** The JSON of one lock in GET /api/locks. */
export function encodeLock(lock: HeldLock): string {
  const shown: AtlantisLock = {
    Name: lock.name,
    ProjectName: lock.key.name,
    ProjectRepo: lock.key.repository,
    ProjectRepoPath: lock.key.directory,
    PullID: holderLabel(lock.holder),
    PullURL: lock.url,
    User: lock.user,
    Workspace: lock.key.terraformWorkspace,
    Time: lock.since,
  };
  return encodeGoJson(shown);
}

/** The number of the pull request; `run <run id>` for a run without one; `workspace <organization>/<name>` for a person. */
export function holderLabel(holder: LockOwner): string {
  if (holder.kind === 'person') return `workspace ${holder.workspace}`;
  return holder.kind === 'run' && holder.pull === null ? `run ${holder.runId}` : String(holder.pull);
}

/**
 * The name in an `id` that LockURL made: still escaped once after the query is decoded. Throws INVALID in Atlantis' words
 * (Atlantis: locks_controller.go).
 */
export function decodeLockId(id: unknown): string {
  if (typeof id !== 'string' || id === '') throw new AppError('INVALID', 'No lock id in request');
  try {
    return decodeURIComponent(id);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('INVALID', `Invalid lock id '${id}'. Failed with error: '${reason}'`, { cause });
  }
}

/** `Apply Lock is acquired on 2025-02-13 16:47:42`, in UTC. */
export function applyLockText(since: string): string {
  return `Apply Lock is acquired on ${new Date(since).toISOString().slice(0, 19).replace('T', ' ')}`;
}
