// The worker of a runs replica: claims runs to resolve and executions to plan or apply, and gives them up on stop.
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { RunOrigin } from '@terramesh/contracts';
import { RunsContext } from '../context.js';
import { claimable } from '../domain/slot-share.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import { claimExecution, StaleLeaseError } from '../persistence/execution.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { type Claim, claimRun, getRun } from '../persistence/run.repository.js';
import { ExecuteApply } from './execute-apply.js';
import { ExecutePlan } from './execute-plan.js';
import { type Claimed, Lane, type Slot, type Work } from './lane.js';
import { type HeldLease, Leases } from './leases.js';
import { ResolveRun } from './resolve-run.js';
import { RunKeeper } from './run-keeper.js';

const pollMs = 1_000;
const resolvingAtOnce = 4;

/** A run that is inserted with this claim is resolved here: `start` it then. `free` does nothing after that. */
export interface RunPlace {
  readonly claim: Claim;
  start(run: RunEntity): void;
  free(): void;
}

type AfterWork = 'settle' | 'nothing to settle';

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
    this.executing.adopt(() =>
      this.work(held, runId, async () => {
        await work();
        return 'settle';
      }),
    );
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

  /** A place for a run that is inserted as claimed by this worker; undefined when it has to queue. */
  reserveRun(origin: RunOrigin): RunPlace | undefined {
    // Drift's share of the slots is looked after by claims.
    const slot = origin === 'user' ? this.resolving.reserve() : undefined;
    if (slot === undefined) return undefined;
    return { claim: this.claim, start: (run) => slot.use(this.resolution(run)), free: slot.free };
  }

  private get claim(): Claim {
    return { owner: this.context.hostId, seconds: this.context.settings.leaseSeconds };
  }

  private async claimRun(free: number): Promise<Claimed> {
    const what = claimable({ size: resolvingAtOnce, free, drift: this.drift.runs, driftShare: undefined });
    const run = await claimRun(this.context.manager, this.claim, what);
    if (run === undefined) return what === 'anything' ? 'none' : 'none for now';
    return this.counted(run.origin, 'runs', this.resolution(run));
  }

  private async claimExecution(free: number): Promise<Claimed> {
    const { settings, manager, concurrency } = this.context;
    const driftShare = settings.driftConcurrency;
    const what = claimable({ size: concurrency, free, drift: this.drift.executions, driftShare });
    const execution = await claimExecution(manager, this.claim, what);
    if (execution === undefined) return what === 'anything' ? 'none' : 'none for now';
    return this.counted(execution.origin, 'executions', this.execution(execution));
  }

  private resolution(run: RunEntity): Work {
    const held = this.leases.hold('run', run.id, run.leaseEpoch);
    return () => this.work(held, run.id, () => this.resolveAndGoOn(run, held));
  }

  /** Executions that this worker has slots for need not be queued and claimed. */
  private async resolveAndGoOn(run: RunEntity, held: HeldLease): Promise<AfterWork> {
    const slots: Slot[] = [];
    const reserve = (count: number): number => {
      while (run.origin === 'user' && slots.length < count) {
        const slot = this.executing.reserve();
        if (slot === undefined) break;
        slots.push(slot);
      }
      return slots.length;
    };
    try {
      const begun = await this.resolve.resolve(run, held, reserve);
      for (const execution of begun?.claimed ?? []) slots.pop()?.use(this.execution(execution, begun?.run));
      return begun?.queued === 0 ? 'nothing to settle' : 'settle';
    } finally {
      for (const slot of slots) slot.free();
    }
  }

  private execution(execution: ExecutionEntity, known?: RunEntity): Work {
    const held = this.leases.hold('execution', execution.id, execution.leaseEpoch);
    const { plan, apply } = this.executors;
    const executor = execution.state === 'apply_queued' ? apply : plan;
    return () =>
      this.work(held, execution.runId, async () => {
        await executor.execute(known ?? (await getRun(this.context.manager, execution.runId)), execution, held);
        // Another apply of the same state may have waited for this one.
        if (executor === apply) this.executing.ring();
        return 'settle';
      });
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

  private async work(held: HeldLease, runId: string, work: () => Promise<AfterWork>): Promise<void> {
    let after: AfterWork = 'settle';
    try {
      after = await work();
    } catch (error) {
      if (!(error instanceof StaleLeaseError) && !held.lost.aborted) throw error;
      this.context.logger.warn({ id: held.id, epoch: held.epoch }, 'gave up work that is no longer ours');
    } finally {
      this.leases.drop(held);
      if (after === 'settle') this.keeper.settleSoon(runId);
    }
  }

  private logError(error: unknown): void {
    this.context.logger.error({ error }, 'the worker met an error');
  }
}
