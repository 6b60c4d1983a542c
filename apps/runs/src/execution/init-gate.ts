// Terraform's provider cache is not safe for two inits that both write to it. One writes at a time; inits whose lock file
// has been through here before only read it, and run side by side.
export class InitGate {
  private readonly cached = new Set<string>();
  private tail: Promise<unknown> = Promise.resolve();
  private readonly readers = new Set<Promise<unknown>>();

  /** `providers` names the set of providers: a hash of the lock file. */
  async run<T>(providers: string, work: () => Promise<T>): Promise<T> {
    const result = this.cached.has(providers) ? this.read(work) : this.write(work);
    await result;
    this.cached.add(providers);
    return result;
  }

  private async read<T>(work: () => Promise<T>): Promise<T> {
    await this.tail.catch(() => {});
    const reading = work();
    const settled = reading.catch(() => {});
    this.readers.add(settled);
    void settled.then(() => this.readers.delete(settled));
    return reading;
  }

  private write<T>(work: () => Promise<T>): Promise<T> {
    const writing = this.tail
      .catch(() => {})
      .then(() => Promise.all(this.readers))
      .then(work);
    this.tail = writing;
    return writing;
  }
}
