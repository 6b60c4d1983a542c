// Whether a person may delete a lock.
import { AppError, type LockHolder } from '@terramesh/contracts';
import { type Changes, changesBetween } from './changes.js';
import { type HeldClaim, isHeld, isWaiting, lockName } from './claim.js';
import { type Line, settle } from './line.js';
import type { Numbers } from './numbers.js';

/** Throws CONFLICT while an apply runs under the lock. `removed` are the claims that held it. */
export function decideDelete(line: Line, numbers: Numbers): { removed: HeldClaim[]; changes: Changes } {
  const removed = line.filter(isHeld);
  const applying = removed.find(({ guard }) => guard === 'applying');
  if (applying !== undefined) {
    throw new AppError(
      'CONFLICT',
      `${describe(applying.holder)} is applying ${lockName(applying.key)}; its lock can be deleted when the apply has ended`,
    );
  }
  return { removed, changes: changesBetween(line, settle(line.filter(isWaiting), numbers)) };
}

function describe(holder: LockHolder): string {
  return holder.kind === 'run' ? `run ${holder.runId}` : `pull request #${holder.pull}`;
}
