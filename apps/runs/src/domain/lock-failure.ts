// What a target's Failure says when its lock cannot be had (Atlantis: project_locker.go TryLock).
import type { LockHolder, LockOwner, VcsType } from '@terramesh/contracts';

const replan = 'Once the lock is released, comment `atlantis plan` here to re-plan.';
const mergeIt = 'apply that plan and merge the pull request';

/** The lock belongs to somebody who keeps it. `type` decides how a pull request is written: `#1`, on Gitlab `!1`. */
export function lockHeldFailure({ type, holder }: { type: VcsType; holder: LockOwner }): string {
  if (holder.kind === 'person') {
    const why = holder.reason === '' ? '' : `: ${holder.reason}`;
    return `workspace ${holder.workspace} is locked by ${holder.user}${why}`;
  }
  const [label, lockLabel, otherwise] =
    holder.pull === null
      ? [holderLabel(type, holder), holderLabel(type, holder), 'wait until that run is finished']
      : [`pull ${pullNumber(type, holder.pull)}`, pullNumber(type, holder.pull), mergeIt];
  return [
    `This project is currently locked by an unapplied plan from ${label}.`,
    ` To continue, delete the lock from ${lockLabel} or ${otherwise}.\n\n${replan}`,
  ].join('');
}

/** Somebody kept the lock for as long as this run was ready to wait. */
export function lockWaitTimedOutFailure(lock: { type: VcsType; holder: LockHolder; waitedMs: number }): string {
  const waitedSeconds = Math.round(lock.waitedMs / 1000);
  return [
    `This project is still locked by ${holderLabel(lock.type, lock.holder)} after a wait of ${waitedSeconds} seconds.`,
    ` To continue, wait until the lock is released, or delete it.\n\n${replan}`,
  ].join('');
}

/** The last apply may or may not have changed things. `lockName` is what `DELETE /locks?id=` takes. */
export function outcomeUnknownFailure(lock: { type: VcsType; holder: LockHolder; lockName: string }): string {
  return [
    `The last apply of this target (${holderLabel(lock.type, lock.holder)}) ended without a known outcome:`,
    ` plan it first, or delete its lock "${lock.lockName}" when you know what that apply did.`,
  ].join('');
}

function holderLabel(type: VcsType, holder: LockHolder): string {
  if (holder.kind === 'pull') return `pull ${pullNumber(type, holder.pull)}`;
  return holder.pull === null ? `run ${holder.runId}` : `run ${holder.runId} of pull ${pullNumber(type, holder.pull)}`;
}

function pullNumber(type: VcsType, pull: number): string {
  return `${type === 'Gitlab' ? '!' : '#'}${pull}`;
}
