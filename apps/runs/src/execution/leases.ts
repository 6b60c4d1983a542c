// The leases this process holds: renewed together by heartbeat, given up by signal.
import { Injectable } from '@nestjs/common';
import { RunsContext } from '../context.js';
import { type Lease, renewLeases } from '../persistence/execution.repository.js';
import { renewRunLeases } from '../persistence/run.repository.js';

export type StopReason = 'cancel' | 'shutdown';

/** A lease on an execution or a run, while this process holds it. */
export class HeldLease {
  private readonly stopping = new AbortController();
  private readonly losing = new AbortController();
  /** When the database last confirmed it, on this process's clock. */
  confirmedAt = performance.now();
  outlivesSilence = false;

  constructor(
    readonly kind: 'execution' | 'run',
    readonly id: string,
    readonly epoch: number,
  ) {}

  get lease(): Lease {
    return { executionId: this.id, epoch: this.epoch };
  }

  /** Aborts with a StopReason: end what you do, and say so. */
  get stop(): AbortSignal {
    return this.stopping.signal;
  }

  /** Aborts when somebody else owns it now, or might: the database has not confirmed it for too long. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /**
   * From now on a silent database does not end it: an apply that runs is watched to its end, and its record is refused by
   * its epoch if somebody else has judged it meanwhile.
   */
  outliveSilence(): void {
    this.outlivesSilence = true;
  }

  askToStop(reason: StopReason): void {
    if (!this.stopping.signal.aborted) this.stopping.abort(reason);
  }

  lose(): void {
    if (!this.losing.signal.aborted) this.losing.abort('lost');
  }
}

@Injectable()
export class Leases {
  private readonly held = new Set<HeldLease>();
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;

  constructor(private readonly context: RunsContext) {}

  private get leaseMs(): number {
    return this.context.settings.leaseSeconds * 1000;
  }

  start(): void {
    // What was taken over may have been canceled while nobody was there.
    this.beat();
    this.timer = setInterval(() => this.beat(), this.leaseMs / 6);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
  }

  hold(kind: HeldLease['kind'], id: string, epoch: number): HeldLease {
    const lease = new HeldLease(kind, id, epoch);
    this.held.add(lease);
    return lease;
  }

  drop(lease: HeldLease): void {
    this.held.delete(lease);
  }

  get all(): readonly HeldLease[] {
    return [...this.held];
  }

  /**
   * False when the database has not confirmed the lease for two thirds of its time: whoever is about to do what cannot be
   * undone must not.
   */
  isFresh(lease: HeldLease): boolean {
    return !lease.lost.aborted && performance.now() - lease.confirmedAt < (this.leaseMs * 2) / 3;
  }

  /** Renews now; also how a cancel request reaches a worker at once. */
  beat(): void {
    // A database that hangs is as silent as one that is gone.
    for (const lease of this.held) if (!lease.outlivesSilence && !this.isFresh(lease)) lease.lose();
    this.beating ??= this.renewAll().finally(() => {
      this.beating = undefined;
    });
  }

  private async renewAll(): Promise<void> {
    const held = this.all;
    if (held.length === 0) return;
    const askedAt = performance.now();
    try {
      const renewed = new Map([...(await this.renew('execution', held)), ...(await this.renew('run', held))]);
      for (const lease of held) {
        const found = renewed.get(lease.id);
        if (found === undefined) this.loseUnlessDropped(lease);
        else lease.confirmedAt = askedAt;
        if (found === 'cancel') lease.askToStop('cancel');
      }
    } catch (error) {
      this.context.logger.warn({ error: String(error) }, 'leases were not renewed');
    }
  }

  private async renew(kind: HeldLease['kind'], all: readonly HeldLease[]): Promise<[string, 'keep' | 'cancel'][]> {
    const { hostId: owner, settings, manager } = this.context;
    const held = all.filter((lease) => lease.kind === kind);
    if (held.length === 0) return [];
    const seconds = settings.leaseSeconds;
    const rows =
      kind === 'execution'
        ? await renewLeases(manager, { owner, seconds, held: held.map((one) => one.lease) })
        : await renewRunLeases(manager, { owner, seconds, held: held.map(({ id, epoch }) => ({ id, epoch })) });
    return rows.map((row) => [row.id, row.cancelRequested ? 'cancel' : 'keep']);
  }

  /** A lease that its worker gave up while the renewal was on its way is not lost. */
  private loseUnlessDropped(lease: HeldLease): void {
    if (!this.held.has(lease)) return;
    this.context.logger.warn({ id: lease.id, epoch: lease.epoch }, 'lease lost');
    lease.lose();
  }
}
