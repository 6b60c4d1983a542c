// Frees the locks of runs that are over or never were: what a crash between two services leaves behind.
import { Injectable } from '@nestjs/common';
import { isAppError, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { Claim } from './domain/claim.js';
import { decideSweep, type RunNeeds } from './domain/decide-sweep.js';
import { LeaveLines } from './leave-lines.js';
import { SweepRepository } from './persistence/sweep.repository.js';

export interface Swept {
  readonly freed: number;
  readonly markedUnknown: number;
  /** False when apps/runs did not answer: then nothing more was freed. */
  readonly complete: boolean;
}

/** Younger claims are left alone: what is known of their run may be older than they are. */
const defaultGraceMs = 60_000;
const runsPerCall = 200;
const keysPerTurn = 1000;

@Injectable()
export class SweepLocks {
  constructor(
    private readonly sweeps: SweepRepository,
    private readonly lines: LeaveLines,
    private readonly mesh: Mesh,
  ) {}

  /** Stops early when the signal says so. Several at the same time do no harm. */
  async sweepOnce(options: { graceMs?: number; signal?: AbortSignal } = {}): Promise<Swept> {
    const graceMs = options.graceMs ?? defaultGraceMs;
    let freed = 0;
    let markedUnknown = 0;
    for (let after = ''; ; ) {
      const page = { after, limit: runsPerCall, graceMs };
      const runIds = await this.sweeps.runsWithClaims(page);
      const answer = runIds.length === 0 ? [] : await this.askRuns(runIds, options.signal);
      if (answer === undefined) return { freed, markedUnknown, complete: false };
      for (const needs of answer) {
        if (needs.state === 'live') continue;
        const decision = decideSweep(needs, await this.sweeps.claimsOf(needs.runId, graceMs));
        markedUnknown += await this.sweeps.markUnknown(decision.markUnknown);
        freed += await this.free(decision.free);
      }
      const last = runIds.at(-1);
      if (last === undefined || runIds.length < runsPerCall) return { freed, markedUnknown, complete: true };
      after = last;
    }
  }

  private async askRuns(runIds: string[], signal: AbortSignal | undefined): Promise<RunNeeds[] | undefined> {
    try {
      return (await this.mesh.call(runs.neededLocks, { runIds }, signal === undefined ? {} : { signal })).runs;
    } catch (error) {
      if (isAppError(error) && error.retryable) return undefined;
      throw error;
    }
  }

  private async free(claims: readonly Claim[]): Promise<number> {
    let freed = 0;
    for (let at = 0; at < claims.length; at += keysPerTurn) {
      const some = claims.slice(at, at + keysPerTurn);
      const guards = new Map(some.map(({ ticket, guard }) => [ticket, guard]));
      freed += await this.lines.leave(
        some.map(({ key }) => key),
        // One whose guard changed since is looked at again by the next sweep.
        ({ ticket, guard }) => guards.get(ticket) === guard,
      );
    }
    return freed;
  }
}
