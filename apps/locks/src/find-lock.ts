import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { describeLocks } from './domain/describe-lock.js';
import { pickLock } from './domain/pick-lock.js';
import { HoldingRepository } from './persistence/holding.repository.js';

@Injectable()
export class FindLock {
  constructor(private readonly holdings: HoldingRepository) {}

  async find({ name }: ParsedInput<typeof locks.find>): Promise<HandlerResult<typeof locks.find>> {
    return pickLock(describeLocks(await this.holdings.named(name)), name);
  }
}
