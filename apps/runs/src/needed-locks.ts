// Which locks runs still need: the word of this service to the sweeper of apps/locks.
import { Injectable } from '@nestjs/common';
import { type HandlerResult, type LockKey, runs } from '@terramesh/contracts';
import { RunsContext } from './context.js';
import { findStatuses, findUnfinishedLocks } from './persistence/lock-work.repository.js';

type Answer = HandlerResult<typeof runs.neededLocks>;

@Injectable()
export class NeededLocks {
  constructor(private readonly context: RunsContext) {}

  async of(runIds: string[]): Promise<Answer> {
    const { manager } = this.context;
    const statuses = await findStatuses(manager, runIds);
    const needed = await findUnfinishedLocks(manager, runIds);
    return {
      runs: runIds.map((runId) => {
        const status = statuses.get(runId);
        if (status === undefined) return { runId, state: 'unknown' as const };
        if (status !== 'finished') return { runId, state: 'live' as const };
        return { runId, state: 'finished' as const, needed: needed.get(runId) ?? ([] as LockKey[]) };
      }),
    };
  }
}
