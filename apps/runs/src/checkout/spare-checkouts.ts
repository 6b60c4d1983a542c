// Checkouts made ahead of time, one per mirror at most: whoever needs that very commit takes it by a rename, and waits for
// no git but the fetch. No run pays for it with a second working tree: who took a spare makes the next one, and the first
// is made while nothing is done.
import { basename } from 'node:path';
import type { CheckoutMarks } from './checkout-marks.js';
import type { CheckoutTrees, TreeSource } from './checkout-trees.js';
import { KeyedMutex } from './slots.js';

/** How long a spare waits for somebody. */
const keptMs = 15 * 60_000;

export class SpareCheckouts {
  /** By mirror: of what a spare would have been of use. */
  readonly #wanted = new Map<string, TreeSource>();
  /** Keys that took a spare, and of what. */
  readonly #takers = new Map<string, TreeSource>();
  readonly #mutex = new KeyedMutex();
  readonly #making = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #askedAt = 0;

  constructor(
    private readonly trees: CheckoutTrees,
    readonly marks: CheckoutMarks,
  ) {}

  /** Makes the spare, if there is one, the checkout of this key among `marks`; it may be another one by then. */
  async give(source: TreeSource, to: { marks: CheckoutMarks; key: string }): Promise<'given' | 'none'> {
    this.#askedAt = performance.now();
    const name = basename(source.mirror);
    const spare = await this.marks.find(name);
    if (spare?.commit !== source.commit || !(await this.marks.give(name, to))) {
      this.#wanted.set(name, source);
      return 'none';
    }
    this.#takers.set(to.key, source);
    return 'given';
  }

  /** Nothing happens for a key that took none. */
  replace(key: string): void {
    const taken = this.#takers.get(key);
    if (this.#takers.delete(key) && taken !== undefined) this.#makeSoon(taken);
  }

  /** A key that is given up makes no spare. */
  forget(key: string): void {
    this.#takers.delete(key);
  }

  /** For how long nobody has asked for a checkout, in ms. */
  get quietMs(): number {
    return performance.now() - this.#askedAt;
  }

  /** For a moment in which no run goes on. */
  makeWanted(): void {
    for (const wanted of this.#wanted.values()) this.#makeSoon(wanted);
    this.#wanted.clear();
  }

  /** Forgets those that nobody wanted for long; their trees are then to be collected. */
  async forgetOld(): Promise<void> {
    for (const name of await this.marks.keys()) {
      const writtenAt = await this.marks.writtenAt(name);
      if (writtenAt !== undefined && Date.now() - writtenAt > keptMs) await this.marks.remove(name);
    }
  }

  /** Makes no more; resolves when none is being made. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#making);
  }

  /** One that cannot be made now is made for a later run, or never. */
  #makeSoon(source: TreeSource): void {
    const making = this.#make(source).catch(() => {});
    this.#making.add(making);
    void making.then(() => this.#making.delete(making));
  }

  async #make(source: TreeSource): Promise<void> {
    const name = basename(source.mirror);
    await this.#mutex.run(name, async () => {
      const { signal } = this.#closing;
      const spare = await this.marks.find(name);
      if (signal.aborted || (spare?.commit === source.commit && (await this.trees.isUsable(spare)))) return;
      await this.trees.remove(name, this.marks);
      await this.trees.make(source, { marks: this.marks, key: name, signal, priority: 'low' });
    });
  }
}
