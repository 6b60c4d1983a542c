// Runs as one target sees them, for the workspace that is bound to it.
import { Injectable } from '@nestjs/common';
import { AppError, type HandlerResult, type ParsedInput, type TargetRun, type targetRuns } from '@terramesh/contracts';
import { RunsContext } from './context.js';
import {
  findLatestTargetRuns,
  findTargetRun,
  findTraces,
  listTargetRuns,
} from './persistence/target-run.repository.js';

@Injectable()
export class ReadTargetRuns {
  constructor(private readonly context: RunsContext) {}

  async latest({ places }: ParsedInput<typeof targetRuns.latest>): Promise<HandlerResult<typeof targetRuns.latest>> {
    const found = await findLatestTargetRuns(this.context.manager, places);
    return { latest: places.map((_place, index) => found.get(index) ?? null) };
  }

  traces({ place }: ParsedInput<typeof targetRuns.traces>): Promise<HandlerResult<typeof targetRuns.traces>> {
    return findTraces(this.context.manager, place);
  }

  list({ place, page }: ParsedInput<typeof targetRuns.list>): Promise<HandlerResult<typeof targetRuns.list>> {
    return listTargetRuns(this.context.manager, place, page);
  }

  /** NOT_FOUND. */
  async get({ id }: ParsedInput<typeof targetRuns.get>): Promise<TargetRun> {
    const letters = /^run-([A-Za-z0-9]{16})$/.exec(id)?.[1];
    const run = letters === undefined ? undefined : await findTargetRun(this.context.manager, letters);
    if (run === undefined) throw new AppError('NOT_FOUND', 'not found');
    return run;
  }
}
