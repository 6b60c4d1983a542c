import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { changedLocks } from './domain/changed-locks.js';
import { HoldingRepository } from './persistence/holding.repository.js';
import { LockChangeRepository } from './persistence/lock-change.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';

/** Well below what one message carries. */
const maxAnswerBytes = 700_000;

@Injectable()
export class ListChanges {
  constructor(
    private readonly database: LocksDatabase,
    private readonly changes: LockChangeRepository,
    private readonly holdings: HoldingRepository,
  ) {}

  /** The journal and the locks are read at one moment. */
  list({ since }: ParsedInput<typeof locks.changes>): Promise<HandlerResult<typeof locks.changes>> {
    return this.database.transaction(
      async (tx) => {
        const noted = await this.changes.readSince(tx, since);
        const { mark } = noted;
        if (noted.since === undefined) return { answer: 'restart', mark };
        const { keyIds, leftFences } = noted.since;
        if (keyIds.length === 0) return { answer: 'changes', mark, gone: [], locks: [] };
        const told = changedLocks(await this.holdings.ofKeys(tx, keyIds), leftFences);
        const isTooLong = Buffer.byteLength(JSON.stringify(told)) > maxAnswerBytes;
        return isTooLong ? { answer: 'restart', mark } : { answer: 'changes', mark, ...told };
      },
      { isolation: 'REPEATABLE READ' },
    );
  }
}
