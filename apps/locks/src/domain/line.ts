// The claims on one key: who holds it, then who waits, first come first. Every change of a lock makes a new line.
import type { LockHolder, LockOwner } from '@terramesh/contracts';
import { areCompatible, type Claim, type HeldClaim, isHeld, isSameHolder, isWaiting } from './claim.js';
import type { Numbers } from './numbers.js';

/** Held claims first (a run, a pull request, or both), then the waiting ones by ticket. */
export type Line = readonly Claim[];

/** Lines by key id; a key without claims has none. */
export type Lines = ReadonlyMap<string, Line>;

export type Standing =
  | { readonly is: 'holding'; readonly claim: HeldClaim }
  | { readonly is: 'waiting'; readonly behind: Claim }
  | { readonly is: 'free' }
  | { readonly is: 'taken'; readonly behind: Claim }
  | { readonly is: 'refused'; readonly by: LockOwner };

/** The claims in the order that `Line` promises. */
export function inOrder(claims: readonly Claim[]): Line {
  return [...claims].sort(
    (one, other) => Number(isWaiting(one)) - Number(isWaiting(other)) || one.ticket - other.ticket,
  );
}

/**
 * Where `holder` stands on a key. `dependents` are the ids of the runs that wait, directly or not, for `holder`: to wait
 * behind one of them would never end, so it is refused.
 */
export function standingOf(line: Line, holder: LockHolder, dependents: ReadonlySet<string>): Standing {
  const mine = line.find((claim) => isSameHolder(claim.holder, holder));
  if (mine !== undefined && isHeld(mine)) return { is: 'holding', claim: mine };
  const blocker = blockerOf(line, holder);
  if (mine !== undefined) return { is: 'waiting', behind: blocker ?? mine };
  if (blocker === undefined) return { is: 'free' };
  if (isHeld(blocker) && blocker.holder.kind === 'pull') return { is: 'refused', by: blocker.holder };
  const dependent = line.find(({ holder: ahead }) => ahead.kind === 'run' && dependents.has(ahead.runId));
  return dependent === undefined ? { is: 'taken', behind: blocker } : { is: 'refused', by: dependent.holder };
}

/**
 * Grants what can be granted from the front of the line; nobody overtakes. Once a pull request holds the key, those who
 * wait for another one leave the line: their next acquire is refused, and has nothing to wait for.
 */
export function settle(line: Line, numbers: Numbers): Line {
  const settled: Claim[] = line.filter(isHeld);
  let isBlocked = false;
  for (const claim of line.filter(isWaiting)) {
    const rivals = settled.filter((held) => isHeld(held) && !areCompatible(held.holder, claim.holder));
    if (rivals.some(({ holder }) => holder.kind === 'pull')) continue;
    isBlocked ||= rivals.length > 0;
    settled.push(isBlocked ? claim : { ...claim, fence: numbers.take() });
  }
  return inOrder(settled);
}

/** Who directly holds what `holder` wants; the pull request before the run that acts for it. */
function blockerOf(line: Line, holder: LockHolder): Claim | undefined {
  const rivals = line.filter((claim) => isHeld(claim) && !areCompatible(claim.holder, holder));
  const isFree = !line.some(isHeld);
  return rivals.find((rival) => rival.holder.kind === 'pull') ?? rivals[0] ?? (isFree ? line[0] : undefined);
}
