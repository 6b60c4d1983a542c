import { type DynamicModule, Module } from '@nestjs/common';
import { OutboxRelay } from '@terramesh/database';
import { Mesh } from '@terramesh/mesh';
import { Activity } from './activity.js';
import { CancelRun } from './cancel-run.js';
import { Checkouts } from './checkout/checkouts.js';
import { Git } from './checkout/git.js';
import { Mirrors } from './checkout/mirrors.js';
import { RunsContext } from './context.js';
import { DiscardPlan } from './discard-plan.js';
import { Doorbell } from './doorbell.js';
import { eventRelay } from './event-relay.js';
import { ApplyWatch } from './execution/apply-watch.js';
import { ApplyParts, ExecuteApply } from './execution/execute-apply.js';
import { ExecutePlan } from './execution/execute-plan.js';
import { ExecutionWriter } from './execution/execution-writer.js';
import { Housekeeping } from './execution/housekeeping.js';
import { Leases } from './execution/leases.js';
import { LockClerk } from './execution/lock-clerk.js';
import { LostWorkers } from './execution/lost-workers.js';
import { Places } from './execution/places.js';
import { Recovery, RecoveryParts } from './execution/recovery.js';
import { ResolveRun } from './execution/resolve-run.js';
import { RunKeeper } from './execution/run-keeper.js';
import { Tools } from './execution/tools.js';
import { Executors, Worker } from './execution/worker.js';
import { LifeCycle } from './life-cycle.js';
import { NeededLocks } from './needed-locks.js';
import { News } from './news.js';
import { PostgresBundleStore } from './persistence/bundle.repository.js';
import { ReadDrift } from './read-drift.js';
import { ReadOutput } from './read-output.js';
import { ReadRuns } from './read-runs.js';
import { ReadTargetRuns } from './read-target-runs.js';
import { NewsController, RunsController } from './runs.controller.js';
import { StartRun } from './start-run.js';
import { BUNDLE_STORE } from './store/bundle-store.token.js';
import { TargetRunsController } from './target-runs.controller.js';

const useCases = [CancelRun, DiscardPlan, NeededLocks, News, ReadDrift, ReadOutput, ReadRuns, ReadTargetRuns, StartRun];
const working = [
  ApplyParts,
  ApplyWatch,
  ExecuteApply,
  ExecutePlan,
  ExecutionWriter,
  Executors,
  Housekeeping,
  Leases,
  LockClerk,
  LostWorkers,
  Places,
  Recovery,
  RecoveryParts,
  ResolveRun,
  RunKeeper,
  Tools,
  Worker,
];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class RunsModule {
  static forContext(context: RunsContext, git: Git): DynamicModule {
    const { folders, settings } = context;
    const timeoutMs = settings.fetchTimeoutSeconds * 1000;
    const checkouts = { root: folders.checkouts, mirrors: folders.mirrors, git, checkoutTimeoutMs: timeoutMs };
    return {
      module: RunsModule,
      controllers: [RunsController, TargetRunsController, NewsController],
      providers: [
        ...useCases,
        ...working,
        Activity,
        Doorbell,
        LifeCycle,
        { provide: RunsContext, useValue: context },
        { provide: Mirrors, useValue: new Mirrors({ root: folders.mirrors, git, fetchTimeoutMs: timeoutMs }) },
        { provide: Checkouts, useValue: new Checkouts(checkouts) },
        {
          provide: BUNDLE_STORE,
          useValue: new PostgresBundleStore(context.database.dataSource, context.encryptionKey),
        },
        {
          provide: OutboxRelay,
          inject: [Mesh],
          useFactory: (mesh: Mesh) => eventRelay(context, mesh),
        },
      ],
    };
  }
}
