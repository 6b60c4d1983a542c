// Which claims of a run the sweeper may free, given what apps/runs says the run still needs.
import type { LockKey, OperationOutput, runs } from '@terramesh/contracts';
import { type Claim, isHeld, keyId } from './claim.js';

export type RunNeeds = OperationOutput<typeof runs.neededLocks>['runs'][number];

export interface SweepDecision {
  readonly free: readonly Claim[];
  /**
   * Held by a run that nobody knows, with an apply that nobody will ever finish: the outcome is unknown, which lets a
   * person delete the lock or a fresh plan take it over.
   */
  readonly markUnknown: readonly Claim[];
}

/** `claims`: all of one run. Frees only what is provably not needed: of a finished run, or of one that never was. */
export function decideSweep(needs: RunNeeds, claims: readonly Claim[]): SweepDecision {
  switch (needs.state) {
    case 'live':
      return { free: [], markUnknown: [] };
    case 'finished': {
      const needed = new Set(needs.needed.map((key: LockKey) => keyId(key)));
      return { free: claims.filter(({ key }) => !needed.has(keyId(key))), markUnknown: [] };
    }
    case 'unknown':
      return {
        free: claims.filter(({ guard }) => guard === 'none'),
        markUnknown: claims.filter((claim) => isHeld(claim) && claim.guard === 'applying'),
      };
  }
}
