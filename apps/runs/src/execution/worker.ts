// The worker of a runs replica: claims runs to resolve and executions to plan or apply, and gives them up on stop.
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { RunOrigin } from '@terramesh/contracts';
import { RunsContext } from '../context.js';
import { claimable } from '../domain/slot-share.js';
import { claimExecution, StaleLeaseError } from '../persistence/execution.repository.js';
import { claimRun } from '../persistence/run.repository.js';
import { ExecuteApply } from './execute-apply.js';
import { ExecutePlan } from './execute-plan.js';
import { Lane, type Work } from './lane.js';
import { type HeldLease, Leases } from './leases.js';
import { ResolveRun } from './resolve-run.js';
import { RunKeeper } from './run-keeper.js';

const pollMs = 1_000;
const resolvingAtOnce = 4;

@Injectable()
export class Executors {
  constructor(
    readonly plan: ExecutePlan,
    readonly apply: ExecuteApply,
  ) {}
}

@Injectable()
export class Worker {
  private readonly resolving = new Lane({
    size: resolvingAtOnce,
    claim: (free) => this.claimRun(free),
    pollMs,
    onError: (error) => this.logError(error),
  });
  private readonly executing: Lane;
  /** How much of drift is worked on. */
  private readonly drift = { runs: 0, executions: 0 };

  constructor(
    private readonly context: RunsContext,
    private readonly leases: Leases,
    private readonly keeper: RunKeeper,
    private readonly resolve: ResolveRun,
    private readonly executors: Executors,
  ) {
    this.executing = new Lane({
      size: context.concurrency,
      claim: (free) => this.claimExecution(free),
      pollMs,
      onError: (error) => this.logError(error),
    });
  }

  start(): void {
    this.leases.start();
    this.resolving.start();
    this.executing.start();
  }

  ring(what: 'run' | 'execution'): void {
    if (what === 'run') this.resolving.ring();
    else this.executing.ring();
  }

  /** A run may have been canceled: the next renewal tells. */
  lookAtLeases(): void {
    this.leases.beat();
  }

  /** Takes over what a former life of this process left running. */
  adopt(held: HeldLease, runId: string, work: Work): void {
    this.executing.adopt(() => this.work(held, runId, work));
  }

  /** Lets live work finish for the grace, then ends plans (they are queued again) and leaves applies to themselves. */
  async stop(): Promise<void> {
    await Promise.all([this.resolving.stopClaiming(), this.executing.stopClaiming()]);
    const idle = Promise.all([this.resolving.idle(), this.executing.idle()]);
    const grace = new AbortController();
    const over = delay(this.context.shutdownGraceMs, undefined, { signal: grace.signal }).catch(() => {});
    await Promise.race([idle, over]);
    grace.abort();
    for (const held of this.leases.all) held.askToStop('shutdown');
    await idle;
    await this.leases.stop();
  }

  private async claimRun(free: number): Promise<Work | undefined> {
    const { hostId: owner, settings, manager } = this.context;
    const run = await claimRun(
      manager,
      { owner, seconds: settings.leaseSeconds },
      claimable({ size: resolvingAtOnce, free, drift: this.drift.runs, driftShare: undefined }),
    );
    if (run === undefined) return undefined;
    const held = this.leases.hold('run', run.id, run.leaseEpoch);
    return this.counted(run.origin, 'runs', () => this.work(held, run.id, () => this.resolve.resolve(run, held)));
  }

  private async claimExecution(free: number): Promise<Work | undefined> {
    const { hostId: owner, settings, manager, concurrency } = this.context;
    const execution = await claimExecution(
      manager,
      { owner, seconds: settings.leaseSeconds },
      claimable({ size: concurrency, free, drift: this.drift.executions, driftShare: settings.driftConcurrency }),
    );
    if (execution === undefined) return undefined;
    const held = this.leases.hold('execution', execution.id, execution.leaseEpoch);
    const executor = execution.state === 'apply_queued' ? this.executors.apply : this.executors.plan;
    const work = () => this.work(held, execution.runId, () => executor.execute(execution, held));
    return this.counted(execution.origin, 'executions', work);
  }

  /** The work, which counts among drift's from now to its end if it is drift's. */
  private counted(origin: RunOrigin, kind: 'runs' | 'executions', work: Work): Work {
    if (origin !== 'drift') return work;
    this.drift[kind] += 1;
    return () =>
      work().finally(() => {
        this.drift[kind] -= 1;
      });
  }

  private async work(held: HeldLease, runId: string, work: Work): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StaleLeaseError) && !held.lost.aborted) throw error;
      this.context.logger.warn({ id: held.id, epoch: held.epoch }, 'gave up work that is no longer ours');
    } finally {
      this.leases.drop(held);
      this.keeper.settleSoon(runId);
    }
  }

  private logError(error: unknown): void {
    this.context.logger.error({ error }, 'the worker met an error');
  }
}
