// get, list, wait, count: reads of runs.
import { Injectable } from '@nestjs/common';
import { AppError, type Run, type RunId, type RunStatus, type RunSummary } from '@terramesh/contracts';
import { Activity } from './activity.js';
import { RunsContext } from './context.js';
import { countUnfinished, getRun, getRunWithExecutions, listRuns } from './persistence/run.repository.js';
import { executionOf, runSummaryOf } from './views.js';

/** Backs the doorbell: how long at most until a waiter looks at the database again. */
const pollMs = 2_000;

@Injectable()
export class ReadRuns {
  constructor(
    private readonly context: RunsContext,
    private readonly activity: Activity,
  ) {}

  /** NOT_FOUND. */
  async get(runId: RunId): Promise<Run> {
    const { run, executions } = await getRunWithExecutions(this.context.manager, runId);
    return { ...runSummaryOf(run), executions: executions.map(executionOf), leftOut: run.leftOut };
  }

  /** Newest first; `after` is the `next` of the page before. INVALID when it is something else. */
  async list(request: {
    repository: string | null;
    status: RunStatus | null;
    after: string | null;
    limit: number;
  }): Promise<{ runs: RunSummary[]; next: string | null }> {
    const found = await listRuns(this.context.manager, {
      ...request,
      after: request.after === null ? null : decodeCursor(request.after),
      limit: request.limit + 1,
    });
    const page = found.slice(0, request.limit);
    const last = page.at(-1);
    const next = found.length > request.limit && last !== undefined ? `${last.createdAt.getTime()}.${last.id}` : null;
    return { runs: page.map(runSummaryOf), next };
  }

  /** The run when it is finished, or as it is after `waitMs`. NOT_FOUND. */
  async wait(runId: RunId, waitMs: number): Promise<RunSummary> {
    const endsAt = performance.now() + waitMs;
    for (;;) {
      // Listen before looking, or news between the two would be missed.
      const leftMs = endsAt - performance.now();
      const news =
        leftMs > 0 && !this.activity.isClosed ? this.activity.wait(runId, Math.min(leftMs, pollMs), 'end') : undefined;
      const run = await getRun(this.context.manager, runId);
      if (run.status === 'finished' || news === undefined) return runSummaryOf(run);
      await news;
    }
  }

  async countInProgress(): Promise<number> {
    return countUnfinished(this.context.manager);
  }
}

function decodeCursor(cursor: string): { createdAt: Date; id: string } {
  const match = /^(\d{1,15})\.(run-[A-Za-z0-9]+)$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new AppError('INVALID', 'after is not a cursor of this list');
  return { createdAt: new Date(Number(match[1])), id: match[2] };
}
