// Of many inits that want the same package, the first fetches it and the others wait for that: then it is in the store.
// When it still is not, they no longer wait for each other.
export class InitGate {
  private readonly first = new Map<string, Promise<unknown>>();

  /** `wanted` names packages that are not in the store. */
  async run<T>(wanted: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = wanted.flatMap((name) => this.first.get(name) ?? []);
    const turn = before.length === 0 ? work() : Promise.allSettled(before).then(work);
    const mine = wanted.filter((name) => !this.first.has(name));
    for (const name of mine) this.first.set(name, turn);
    try {
      return await turn;
    } finally {
      for (const name of mine) this.first.delete(name);
    }
  }
}
