import { Controller } from '@nestjs/common';
import { type EventPayload, lockEvents, type ParsedInput, runEvents, runs } from '@terramesh/contracts';
import { Serve, Subscribe } from '@terramesh/mesh';
import { CancelRun } from './cancel-run.js';
import { NeededLocks } from './needed-locks.js';
import { News } from './news.js';
import { ReadDrift } from './read-drift.js';
import { ReadOutput } from './read-output.js';
import { ReadRuns } from './read-runs.js';
import { StartRun } from './start-run.js';

@Controller()
export class RunsController {
  constructor(
    private readonly startRun: StartRun,
    private readonly readRuns: ReadRuns,
    private readonly readOutput: ReadOutput,
    private readonly readDrift: ReadDrift,
    private readonly cancelRun: CancelRun,
    private readonly neededLocks: NeededLocks,
  ) {}

  @Serve(runs.start)
  start(input: ParsedInput<typeof runs.start>) {
    return this.startRun.start(input);
  }

  @Serve(runs.get)
  get({ runId }: ParsedInput<typeof runs.get>) {
    return this.readRuns.get(runId);
  }

  @Serve(runs.list)
  list(input: ParsedInput<typeof runs.list>) {
    return this.readRuns.list(input);
  }

  @Serve(runs.wait)
  wait({ runId, waitMs }: ParsedInput<typeof runs.wait>) {
    return this.readRuns.wait(runId, waitMs);
  }

  @Serve(runs.cancel)
  cancel({ runId }: ParsedInput<typeof runs.cancel>) {
    return this.cancelRun.cancel(runId);
  }

  @Serve(runs.logs)
  logs(input: ParsedInput<typeof runs.logs>) {
    return this.readOutput.logs(input);
  }

  @Serve(runs.results)
  results({ runId, cursor }: ParsedInput<typeof runs.results>) {
    return this.readOutput.results(runId, cursor);
  }

  @Serve(runs.drift)
  drift({ runId, cursor }: ParsedInput<typeof runs.drift>) {
    return this.readDrift.ofRun(runId, cursor);
  }

  @Serve(runs.listFinished)
  listFinished(input: ParsedInput<typeof runs.listFinished>) {
    return this.readDrift.listFinished(input);
  }

  @Serve(runs.countInProgress)
  async countInProgress(_input: ParsedInput<typeof runs.countInProgress>) {
    return { inProgress: await this.readRuns.countInProgress() };
  }

  @Serve(runs.neededLocks)
  needed({ runIds }: ParsedInput<typeof runs.neededLocks>) {
    return this.neededLocks.of(runIds);
  }
}

/** What others tell this service. */
@Controller()
export class NewsController {
  constructor(private readonly news: News) {}

  @Subscribe(runEvents.queued)
  queued({ what }: EventPayload<typeof runEvents.queued>): void {
    this.news.queued(what);
  }

  @Subscribe(runEvents.activity)
  activity({ runId, news }: EventPayload<typeof runEvents.activity>): void {
    this.news.activity(runId, news);
  }

  @Subscribe(lockEvents.changed)
  locksChanged({ runIds }: EventPayload<typeof lockEvents.changed>): void {
    this.news.locksChanged(runIds);
  }

  @Subscribe(lockEvents.deleted)
  lockDeleted({ holder, key }: EventPayload<typeof lockEvents.deleted>): Promise<void> {
    return this.news.lockDeleted(holder, key);
  }
}
