// The breaker as people see it, and close it.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { DriftBreaker } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { type BreakerRow, lockBreaker, readBreaker, shutBreaker } from '../persistence/breaker.js';
import { tell } from '../telling/tell.js';

@Injectable()
export class ManageBreaker {
  constructor(private readonly context: DriftContext) {}

  async get(): Promise<DriftBreaker> {
    return this.describe(await readBreaker(this.context.manager));
  }

  /** Nothing happens when it is closed. */
  async close(user: string): Promise<DriftBreaker> {
    return this.context.transaction(async (tx) => {
      const breaker = await lockBreaker(tx);
      if (breaker.state === 'closed') return this.describe(breaker);
      await shutBreaker(tx, user === '' ? 'a caller of the API' : user);
      await tell(tx, {
        kind: 'breaker.closed',
        eventId: randomUUID(),
        at: new Date().toISOString(),
        repository: breaker.openedBy,
        ref: null,
        reason: 'it was closed by hand',
        user,
      });
      return this.describe(await readBreaker(tx));
    });
  }

  private describe(breaker: BreakerRow): DriftBreaker {
    const { driftBreakerCoolDownMs } = this.context.settings;
    const since = breaker.trippedAt?.getTime() ?? 0;
    return {
      state: breaker.state,
      openedAt: breaker.openedAt?.toISOString() ?? null,
      reason: breaker.reason,
      checkedTargets: breaker.checkedTargets,
      driftedTargets: breaker.driftedTargets,
      coolsDownAt: breaker.state === 'open' ? new Date(since + driftBreakerCoolDownMs).toISOString() : null,
      closedAt: breaker.closedAt?.toISOString() ?? null,
      closedBy: breaker.closedBy,
    };
  }
}
