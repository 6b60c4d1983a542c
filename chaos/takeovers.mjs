// How long it took until a plan whose worker was gone was started by another one.
import { groupBy } from './group-by.mjs';

const planning = new Set(['leased', 'preparing', 'planning']);

/** How long after its end an outage of the database may still hold up who looks for lost workers. */
const calmMs = 10_000;
const isOutage = ({ target }) => target.startsWith('runs-') || target === 'postgres';

/**
 * One entry per plan that a killed or paused replica had: the time from the fault to its start on another replica, found
 * by its lease alone (a replica that is back earlier gives its work back itself). `disturbed`: the other replica or the
 * database was away too, or had just been.
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
      if (!foundByLease) return [];
      const others = faults.filter((other) => other.at !== at && isOutage(other));
      const disturbed = others.some((other) => other.at < started.at && (other.undoneAt ?? other.at) + calmMs > at);
      return [{ ms: started.at - at, disturbed }];
    });
  });
}

/** Undefined of nothing. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
