import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { ApplyLockRepository } from './persistence/apply-lock.repository.js';

@Injectable()
export class GlobalApplyLock {
  constructor(private readonly applyLock: ApplyLockRepository) {}

  async get(): Promise<HandlerResult<typeof locks.getApplyLock>> {
    return { since: (await this.applyLock.getSince())?.toISOString() ?? null };
  }

  async set({ state }: ParsedInput<typeof locks.setApplyLock>): Promise<HandlerResult<typeof locks.setApplyLock>> {
    if (state === 'locked') return { since: (await this.applyLock.set()).toISOString() };
    await this.applyLock.clear();
    return { since: null };
  }
}
