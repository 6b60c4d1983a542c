import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { describeLocks } from './domain/describe-lock.js';
import { fitPage } from './domain/fit-page.js';
import { HoldingRepository } from './persistence/holding.repository.js';

/** Well below what one message carries. */
const maxPageBytes = 700_000;

@Injectable()
export class ListLocks {
  constructor(private readonly holdings: HoldingRepository) {}

  async list({ after, limit }: ParsedInput<typeof locks.list>): Promise<HandlerResult<typeof locks.list>> {
    const held = describeLocks(await this.holdings.page(after ?? '', limit));
    const page = fitPage(held, maxPageBytes);
    const last = held.length < limit ? undefined : held.at(-1)?.name;
    return { locks: page.locks, next: page.next ?? last ?? null };
  }
}
