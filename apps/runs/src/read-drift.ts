// drift and listFinished: what apps/drift reads of runs.
import { Injectable } from '@nestjs/common';
import { AppError, type DriftedResource, ExecutionId, type RunId, type RunSummary } from '@terramesh/contracts';
import { RunsContext } from './context.js';
import { readDrift } from './persistence/drift.repository.js';
import { getRun, listFinishedRuns } from './persistence/run.repository.js';
import { runSummaryOf } from './views.js';

/** Of one answer: what one execution may have at most (packages/terraform: driftBounds) and more; under the mesh's 1 MB. */
const budgetBytes = 400_000;

@Injectable()
export class ReadDrift {
  constructor(private readonly context: RunsContext) {}

  /** NOT_FOUND; INVALID for a cursor of something else. */
  async ofRun(
    runId: RunId,
    cursor: string | null,
  ): Promise<{
    executions: { executionId: ExecutionId; truncated: boolean; changes: DriftedResource[] }[];
    next: string | null;
  }> {
    const { manager } = this.context;
    await getRun(manager, runId);
    const { executions, more } = await readDrift(manager, { runId, after: ordinalOf(cursor), budgetBytes });
    const last = executions.at(-1);
    return {
      executions: executions.map(({ executionId, truncated, changes }) => ({
        executionId: ExecutionId.parse(executionId),
        truncated,
        changes: [...changes],
      })),
      next: more === 'no' || last === undefined ? null : String(last.ordinal),
    };
  }

  /** Without a pull request, the one that finished first first. INVALID for a cursor of something else. */
  async listFinished(request: {
    since: string;
    after: string | null;
    limit: number;
  }): Promise<{ runs: RunSummary[]; next: string | null }> {
    const found = await listFinishedRuns(this.context.manager, {
      since: new Date(request.since),
      after: request.after === null ? null : decodeCursor(request.after),
      limit: request.limit + 1,
    });
    const page = found.slice(0, request.limit);
    const last = page.at(-1);
    const more = found.length > request.limit && last !== undefined;
    return { runs: page.map(runSummaryOf), next: more ? `${last.finishedAt?.getTime()}.${last.id}` : null };
  }
}

function ordinalOf(cursor: string | null): number {
  if (cursor === null) return -1;
  if (!/^\d{1,9}$/.test(cursor)) throw new AppError('INVALID', 'cursor is not of this list');
  return Number(cursor);
}

function decodeCursor(cursor: string): { finishedAt: Date; id: string } {
  const match = /^(\d{1,14})\.(run-[A-Za-z0-9]+)$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new AppError('INVALID', 'after is not a cursor of this list');
  return { finishedAt: new Date(Number(match[1])), id: match[2] };
}
