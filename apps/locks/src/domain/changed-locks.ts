// What somebody who knew the locks of some keys must drop and add to know them again.
import type { HeldLock } from '@terramesh/contracts';
import { describeLocks, type Holding } from './describe-lock.js';

/**
 * `holdings` is all that is held now of the keys that changed, `leftFences` what left meanwhile. Where a pull request and
 * its run hold the same key, the run's fence is not shown, so it is gone for whoever saw it before.
 */
export function changedLocks(
  holdings: readonly Holding[],
  leftFences: readonly number[],
): { gone: number[]; locks: HeldLock[] } {
  const shown = describeLocks(holdings).map(({ guard: _, waiting: __, ...held }): HeldLock => held);
  const shownFences = new Set(shown.map(({ fence }) => fence));
  const hidden = holdings.map(({ fence }) => fence).filter((fence) => !shownFences.has(fence));
  return { gone: [...leftFences, ...hidden], locks: shown };
}
