// Takes claims out of their lines and lets the next in line have the locks.
import { type Changes, changesBetween, mergeChanges } from './changes.js';
import type { Claim } from './claim.js';
import { type Lines, settle } from './line.js';
import type { Numbers } from './numbers.js';

export function decideLeave(lines: Lines, isLeaving: (claim: Claim) => boolean, numbers: Numbers): Changes {
  const changes = [...lines.values()]
    .filter((line) => line.some(isLeaving))
    .map((line) =>
      changesBetween(
        line,
        settle(
          line.filter((claim) => !isLeaving(claim)),
          numbers,
        ),
      ),
    );
  return mergeChanges(changes);
}
