// What a decision does to the claims: the difference between the lines before and after it.
import { type Claim, type HeldClaim, isHeld, isWaiting } from './claim.js';
import type { Line } from './line.js';

export interface Changes {
  /** New claims, held or waiting. */
  readonly joined: readonly Claim[];
  /** Claims that waited and now hold. */
  readonly granted: readonly HeldClaim[];
  /** Claims that are gone. */
  readonly left: readonly Claim[];
}

export const noChanges: Changes = { joined: [], granted: [], left: [] };

export function isEmpty({ joined, granted, left }: Changes): boolean {
  return joined.length + granted.length + left.length === 0;
}

export function changesBetween(before: Line, after: Line): Changes {
  const old = new Map(before.map((claim) => [claim.ticket, claim]));
  const kept = new Set(after.map((claim) => claim.ticket));
  return {
    joined: after.filter((claim) => !old.has(claim.ticket)),
    granted: after.filter(isHeld).filter((claim) => {
      const was = old.get(claim.ticket);
      return was !== undefined && isWaiting(was);
    }),
    left: before.filter((claim) => !kept.has(claim.ticket)),
  };
}

export function mergeChanges(all: readonly Changes[]): Changes {
  return {
    joined: all.flatMap(({ joined }) => joined),
    granted: all.flatMap(({ granted }) => granted),
    left: all.flatMap(({ left }) => left),
  };
}

/** The runs that should look again: granted a lock, or sent out of the line by a pull request. */
export function runsToWake({ granted, left }: Changes): string[] {
  const woken = [...granted, ...left.filter(isWaiting)].map(({ holder }) => holder);
  return [...new Set(woken.flatMap((holder) => (holder.kind === 'run' ? [holder.runId] : [])))];
}
