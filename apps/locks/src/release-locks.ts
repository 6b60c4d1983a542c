import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { isSameHolder } from './domain/claim.js';
import { LeaveLines } from './leave-lines.js';

@Injectable()
export class ReleaseLocks {
  constructor(private readonly lines: LeaveLines) {}

  async release({ holder, keys }: ParsedInput<typeof locks.release>): Promise<HandlerResult<typeof locks.release>> {
    return { released: await this.lines.leave(keys, (claim) => isSameHolder(claim.holder, holder)) };
  }
}
