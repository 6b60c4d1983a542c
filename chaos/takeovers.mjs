// How long it took until a plan whose worker was gone was started by another one.
import { groupBy } from './group-by.mjs';

const planning = new Set(['leased', 'preparing', 'planning']);

/**
 * One number of ms per plan that a killed or paused replica had: from the fault to its start on another replica, found by
 * its lease alone (a replica that is back earlier gives its work back itself).
 */
export function takeoverTimes(faults, history) {
  const byExecution = [...groupBy(history, ({ executionId }) => executionId).values()];
  return faults.flatMap(({ hostId, at, undoneAt }) => {
    if (hostId === undefined) return [];
    return byExecution.flatMap((steps) => {
      const before = steps.findLast((step) => step.at <= at);
      if (before === undefined || before.owner !== hostId || !planning.has(before.state)) return [];
      const after = steps.filter((step) => step.at > at);
      const found = after.find(({ owner }) => owner !== hostId);
      const started = after.find(({ owner }) => owner !== null && owner !== hostId);
      const foundByLease = found !== undefined && found.at < undoneAt && started?.epoch === before.epoch + 1;
      return foundByLease ? [started.at - at] : [];
    });
  });
}

/** Undefined of nothing. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
