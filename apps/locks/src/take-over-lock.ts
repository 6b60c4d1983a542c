import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { runsToWake } from './domain/changes.js';
import { keyId } from './domain/claim.js';
import { decideTakeOver } from './domain/decide-take-over.js';
import { Doorbell } from './doorbell.js';
import { ClaimRepository } from './persistence/claim.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';

@Injectable()
export class TakeOverLock {
  constructor(
    private readonly database: LocksDatabase,
    private readonly claims: ClaimRepository,
    private readonly doorbell: Doorbell,
  ) {}

  async takeOver({ holder, key }: ParsedInput<typeof locks.takeOver>): Promise<HandlerResult<typeof locks.takeOver>> {
    const { fence, from, changes } = await this.database.transaction(async (tx) => {
      const numbers = await this.claims.takeTurn(tx, 1);
      const line = (await this.claims.loadLines(tx, [key])).get(keyId(key)) ?? [];
      const decision = decideTakeOver(line, holder, numbers);
      await this.claims.write(tx, decision.changes);
      return decision;
    });
    await this.doorbell.ring(runsToWake(changes));
    return { fence, from };
  }
}
