// Keeps runs going between the pieces of work: settles their locks, and clears what finished ones leave on this host.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Checkouts } from '../checkout/checkouts.js';
import { RunsContext } from '../context.js';
import { findExecutionIds, findLeftovers } from '../persistence/leftover.repository.js';
import { ApplyWatch } from './apply-watch.js';
import { namesIn } from './files.js';
import { Leases } from './leases.js';
import { LockClerk } from './lock-clerk.js';
import { runOfCheckout } from './places.js';

const sweepMs = 2_000;
const collectMs = 30_000;
const recheckMs = 60_000;
const clearMs = 50;
/** This long after the last checkout, no run is expected to begin at this very moment. */
const quietMs = 2_000;

@Injectable()
export class RunKeeper {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly clearing = new Set<NodeJS.Timeout>();
  private readonly pending = new Set<Promise<void>>();
  private started = false;

  constructor(
    private readonly context: RunsContext,
    private readonly clerk: LockClerk,
    private readonly checkouts: Checkouts,
    private readonly applies: ApplyWatch,
    private readonly leases: Leases,
  ) {}

  start(): void {
    this.started = true;
    this.track('leftovers', this.collect());
    this.timers.push(setInterval(() => this.track('locks', this.clerk.sweep()), sweepMs));
    this.timers.push(setInterval(() => this.prepareSpares(), sweepMs));
    this.timers.push(setInterval(() => this.track('leftovers', this.collect()), collectMs));
    this.timers.push(setInterval(() => this.track('kept locks', this.clerk.recheckKept()), recheckMs));
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    for (const timer of this.clearing) clearTimeout(timer);
    this.applies.stop();
    await Promise.all([...this.pending, this.checkouts.spares.close()]);
  }

  /** Something about this run changed; what does not work now is done by a sweep. */
  settleSoon(runId: string): void {
    this.track('run', this.clerk.settle(runId));
  }

  /**
   * A run is over: once those who wait for it have their answer, what it left here goes, by `collect` if not now. Nothing
   * goes before `start`: what a former life left here may still hold a state that nobody has kept.
   */
  clearSoon(runId: string): void {
    if (!this.started) return;
    const timer = setTimeout(() => {
      this.clearing.delete(timer);
      this.track('checkouts', this.clear(runId));
    }, clearMs);
    this.clearing.add(timer);
  }

  /** Removes what a finished run left on this host, unless Terraform still works there. */
  async clear(runId: string): Promise<void> {
    const { needless } = await findLeftovers(this.context.manager, [runId]);
    const executionIds = await findExecutionIds(this.context.manager, runId);
    if (needless.length === 0 || executionIds.some((id) => this.applies.isWatching(id))) return;
    for (const key of await this.checkouts.list()) if (runOfCheckout(key) === runId) await this.checkouts.release(key);
    for (const executionId of executionIds) await this.removeFolder(executionId);
  }

  /** The same for all runs: those that finished while this process was away, and executions that no longer exist. */
  async collect(): Promise<void> {
    const keys = await this.checkouts.list();
    const { needless } = await findLeftovers(this.context.manager, [...new Set(keys.map(runOfCheckout))]);
    for (const runId of needless) await this.clear(runId);
    await this.checkouts.collectStrays();
    const names = await namesIn(this.context.folders.executions);
    const folders = names.filter((executionId) => !this.applies.isWatching(executionId));
    const { needlessExecutions } = await findLeftovers(this.context.manager, [], folders);
    for (const executionId of needlessExecutions) await this.removeFolder(executionId);
  }

  /** Makes checkouts ahead of time while nothing is done here. */
  private prepareSpares(): void {
    const { spares } = this.checkouts;
    if (this.leases.all.length === 0 && spares.quietMs > quietMs) spares.makeWanted();
  }

  private async removeFolder(executionId: string): Promise<void> {
    await rm(join(this.context.folders.executions, executionId), { recursive: true, force: true });
  }

  private track(what: string, work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => {
      this.context.logger.debug({ what, error: String(error) }, 'will be tried again');
    });
    this.pending.add(tracked);
    void tracked.then(() => this.pending.delete(tracked));
  }
}
