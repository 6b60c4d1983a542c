// Whether the front of the line may take a lock whose apply ended without anyone knowing how.
import { AppError, type LockHolder } from '@terramesh/contracts';
import { type Changes, changesBetween } from './changes.js';
import { type HeldClaim, isHeld, isSameHolder, isWaiting } from './claim.js';
import { type Line, settle } from './line.js';
import type { Numbers } from './numbers.js';

/** Throws CONFLICT unless the lock's outcome is unknown and `holder` is next in line. */
export function decideTakeOver(
  line: Line,
  holder: LockHolder,
  numbers: Numbers,
): { fence: number; from: LockHolder; changes: Changes } {
  const lost = line.find((claim): claim is HeldClaim => isHeld(claim) && claim.guard === 'outcome_unknown');
  if (lost === undefined)
    throw new AppError('CONFLICT', 'the outcome of this lock is not unknown, so it cannot be taken over');
  const front = line.find(isWaiting);
  if (front === undefined || !isSameHolder(front.holder, holder)) {
    throw new AppError('CONFLICT', 'only the next in line can take over a lock');
  }
  const after = settle(
    line.filter((claim) => claim !== lost),
    numbers,
  );
  const taken = after.find((claim) => claim.ticket === front.ticket);
  if (taken === undefined || !isHeld(taken)) throw new AppError('CONFLICT', 'another holder still has this lock');
  return { fence: taken.fence, from: lost.holder, changes: changesBetween(line, after) };
}
