import { Injectable } from '@nestjs/common';
import type { LockKey } from '@terramesh/contracts';
import { type Changes, isEmpty, noChanges, runsToWake } from './domain/changes.js';
import type { Claim } from './domain/claim.js';
import { decideLeave } from './domain/decide-leave.js';
import { provisionalNumbers } from './domain/numbers.js';
import { Doorbell } from './doorbell.js';
import { ClaimRepository } from './persistence/claim.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';

/** What giving up and sweeping have in common: claims go, and the next in line get the locks. */
@Injectable()
export class LeaveLines {
  constructor(
    private readonly database: LocksDatabase,
    private readonly claims: ClaimRepository,
    private readonly doorbell: Doorbell,
  ) {}

  /** Resolves to the number of claims that left by `isLeaving`. */
  async leave(keys: readonly LockKey[], isLeaving: (claim: Claim) => boolean): Promise<number> {
    const { left, granted } = await this.decide(keys, isLeaving);
    await this.doorbell.ring(runsToWake({ joined: [], granted, left: left.filter((claim) => !isLeaving(claim)) }));
    return left.filter(isLeaving).length;
  }

  private async decide(keys: readonly LockKey[], isLeaving: (claim: Claim) => boolean): Promise<Changes> {
    const seen = decideLeave(await this.claims.readLines(keys), isLeaving, provisionalNumbers());
    if (isEmpty(seen)) return noChanges;
    return this.database.transaction(async (tx) => {
      const numbers = await this.claims.takeTurn(tx, keys.length);
      const changes = decideLeave(await this.claims.loadLines(tx, keys), isLeaving, numbers);
      await this.claims.write(tx, changes);
      return changes;
    });
  }
}
