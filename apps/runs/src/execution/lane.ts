// Work that is claimed one piece at a time and done side by side, up to a bound.
export type Work = () => Promise<void>;

export class Lane {
  private running = new Set<Promise<void>>();
  private pumping: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: {
      /** How much is done side by side. */
      readonly size: number;
      /** Claims one piece of work; undefined when there is none. `free`: slots in which nothing is done, this one included. */
      readonly claim: (free: number) => Promise<Work | undefined>;
      /** Backs the doorbell. */
      readonly pollMs: number;
      readonly onError: (error: unknown) => void;
    },
  ) {}

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
    if (this.pumping !== undefined) {
      this.again = true;
      return;
    }
    this.pumping = this.pump().finally(() => {
      this.pumping = undefined;
      if (this.again) this.ring();
    });
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
      while (!this.stopped && this.running.size < this.options.size) {
        const work = await this.options.claim(this.options.size - this.running.size);
        if (work === undefined) return;
        this.run(work);
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
        this.ring();
      });
    this.running.add(running);
  }
}
