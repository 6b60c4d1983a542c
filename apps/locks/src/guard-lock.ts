import { Injectable } from '@nestjs/common';
import { AppError, type HandlerResult, type locks, type ParsedInput } from '@terramesh/contracts';
import { isWaiting, lockName } from './domain/claim.js';
import { Doorbell } from './doorbell.js';
import { ClaimRepository } from './persistence/claim.repository.js';

@Injectable()
export class GuardLock {
  constructor(
    private readonly claims: ClaimRepository,
    private readonly doorbell: Doorbell,
  ) {}

  async guard({ guard, ...held }: ParsedInput<typeof locks.guard>): Promise<HandlerResult<typeof locks.guard>> {
    if (!(await this.claims.setGuard(held, guard))) {
      throw new AppError('CONFLICT', `the lock of ${lockName(held.key)} is no longer held with fence ${held.fence}`);
    }
    // Whoever is next in line may now take it over.
    if (guard === 'outcome_unknown') await this.doorbell.ring(await this.nextInLine(held.key));
    return { guard };
  }

  private async nextInLine(key: ParsedInput<typeof locks.guard>['key']): Promise<string[]> {
    const next = [...(await this.claims.readLines([key])).values()].flat().find(isWaiting);
    return next?.holder.kind === 'run' ? [next.holder.runId] : [];
  }
}
