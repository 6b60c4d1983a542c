// From claims to the lock that callers see.
import type { Lock, LockGuard, LockHolder, LockKey, LockOwner } from '@terramesh/contracts';
import { keyId, lockName } from './claim.js';

/** A held claim, or a person's lock, as it is read for callers. */
export interface Holding {
  readonly key: LockKey;
  readonly holder: LockOwner;
  readonly fence: number;
  readonly guard: LockGuard;
  readonly user: string;
  readonly url: string;
  readonly reason: string;
  readonly since: Date;
  /** First in line first. */
  readonly waiting: readonly LockHolder[];
}

/**
 * One lock for each key, in the order of the holdings that are shown. Where a pull request and a run that acts for it hold
 * the same key, the pull request is the holder and the run's guard counts.
 */
export function describeLocks(holdings: readonly Holding[]): Lock[] {
  const byKey = new Map<string, Holding[]>();
  for (const holding of holdings) {
    const id = keyId(holding.key);
    const others = byKey.get(id);
    if (others === undefined) byKey.set(id, [holding]);
    else others.push(holding);
  }
  const described = new Map<Holding, Lock>();
  for (const group of byKey.values()) {
    const shown = group.find(({ holder }) => holder.kind === 'pull') ?? group[0];
    if (shown !== undefined) described.set(shown, describeLock(shown, group));
  }
  return holdings.flatMap((holding) => described.get(holding) ?? []);
}

function describeLock(shown: Holding, group: readonly Holding[]): Lock {
  const { key, holder, fence, user, url, reason, since, waiting } = shown;
  const guard = group.map((holding) => holding.guard).find((each) => each !== 'none') ?? 'none';
  return {
    key,
    name: lockName(key),
    holder,
    fence,
    guard,
    user,
    url,
    reason,
    since: since.toISOString(),
    waiting: [...waiting],
  };
}
