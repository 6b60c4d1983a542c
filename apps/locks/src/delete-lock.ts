import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type HandlerResult, lockEvents, type locks, type ParsedInput } from '@terramesh/contracts';
import { announce } from '@terramesh/database';
import { noChanges, runsToWake } from './domain/changes.js';
import { keyId } from './domain/claim.js';
import { decideDelete } from './domain/decide-delete.js';
import { describeLocks } from './domain/describe-lock.js';
import { pickLock } from './domain/pick-lock.js';
import { Doorbell } from './doorbell.js';
import { ClaimRepository } from './persistence/claim.repository.js';
import { HoldingRepository } from './persistence/holding.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';
import { PersonLockRepository } from './persistence/person-lock.repository.js';

@Injectable()
export class DeleteLock {
  constructor(
    private readonly database: LocksDatabase,
    private readonly claims: ClaimRepository,
    private readonly holdings: HoldingRepository,
    private readonly people: PersonLockRepository,
    private readonly doorbell: Doorbell,
  ) {}

  async delete({ name }: ParsedInput<typeof locks.delete>): Promise<HandlerResult<typeof locks.delete>> {
    const { lock, changes } = await this.database.transaction(async (tx) => {
      const numbers = await this.claims.takeTurn(tx, 1);
      const lock = pickLock(describeLocks(await this.holdings.named(name, tx)), name);
      if (lock.holder.kind === 'person') {
        await this.people.delete(tx, [lock.holder.workspaceId]);
        return { lock, changes: noChanges };
      }
      const line = (await this.claims.loadLines(tx, [lock.key])).get(keyId(lock.key)) ?? [];
      const { removed, changes } = decideDelete(line, numbers);
      await this.claims.write(tx, changes);
      for (const { holder, key } of removed) {
        await announce(tx, lockEvents.deleted, { eventId: randomUUID(), holder, key });
      }
      return { lock, changes };
    });
    await this.doorbell.ring(runsToWake(changes));
    return lock;
  }
}
