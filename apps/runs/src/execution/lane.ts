// Work that is claimed one piece at a time and done side by side, up to a bound.
export type Work = () => Promise<void>;

/** `none`: nothing waits. `none for now`: what waits may not be done beside what is done now. */
export type Claimed = Work | 'none' | 'none for now';

/** A place for one piece of work that is claimed in another way. One of the two must be called; the first call counts. */
export interface Slot {
  use(work: Work): void;
  free(): void;
}

export class Lane {
  private running = new Set<Promise<void>>();
  private pumping: Promise<void> | undefined;
  private again = false;
  /** Whether work may wait that nobody here has seen: until a claim found none. */
  private mayWait = true;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: {
      /** How much is done side by side. */
      readonly size: number;
      /** Claims one piece of work. `free`: slots in which nothing is done, this one included. */
      readonly claim: (free: number) => Promise<Claimed>;
      /** Backs the doorbell. */
      readonly pollMs: number;
      readonly onError: (error: unknown) => void;
    },
  ) {}

  private get free(): number {
    return this.options.size - this.running.size;
  }

  start(): void {
    const poll = () => {
      this.ring();
      // Apart from the other replicas' polls.
      this.timer = setTimeout(poll, this.options.pollMs * (0.75 + Math.random() / 2));
    };
    poll();
  }

  /** There may be work. */
  ring(): void {
    this.mayWait = true;
    if (this.pumping !== undefined) {
      this.again = true;
      return;
    }
    this.pumping = this.pump().finally(() => {
      this.pumping = undefined;
      if (this.again) this.ring();
    });
  }

  /** A free slot, unless something waits already that would have to go first. */
  reserve(): Slot | undefined {
    if (this.stopped || this.mayWait || this.pumping !== undefined || this.free < 1) return undefined;
    let settle: (work: Work | undefined) => void = () => {};
    const given = new Promise<Work | undefined>((resolve) => {
      settle = resolve;
    });
    this.run(async () => (await given)?.());
    return { use: settle, free: () => settle(undefined) };
  }

  /** Does what is already claimed, beyond the bound if need be. */
  adopt(work: Work): void {
    this.run(work);
  }

  /** Claims nothing more; resolves when the claim on its way has been answered. */
  async stopClaiming(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.pumping;
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async pump(): Promise<void> {
    this.again = false;
    try {
      while (!this.stopped && this.free > 0) {
        const claimed = await this.options.claim(this.free);
        if (typeof claimed === 'string') {
          if (!this.again) this.mayWait = claimed === 'none for now';
          return;
        }
        this.run(claimed);
      }
    } catch (error) {
      this.options.onError(error);
    }
  }

  private run(work: Work): void {
    const running = work()
      .catch(this.options.onError)
      .finally(() => {
        this.running.delete(running);
        this.refill();
      });
    this.running.add(running);
  }

  private refill(): void {
    if (this.mayWait) this.ring();
  }
}
