// A working tree of one commit per key: made by one git process, often ahead of time, removed through the file system alone.
import { join } from 'node:path';
import { AppError } from '@terramesh/contracts';
import { CheckoutMarks } from './checkout-marks.js';
import { type CheckoutSettings, CheckoutTrees, type TreeSource } from './checkout-trees.js';
import { KeyedMutex } from './slots.js';
import { SpareCheckouts } from './spare-checkouts.js';

export interface CheckoutRequest extends TreeSource {
  /** Whose checkout it is: letters, digits, `_` and `-`, at most 100. */
  readonly key: string;
}

/** Only one process may use `root` at a time (packages/service: claimDirectory). */
export class Checkouts {
  readonly spares: SpareCheckouts;
  readonly #trees: CheckoutTrees;
  readonly #marks: CheckoutMarks;
  readonly #mutex = new KeyedMutex();
  readonly #preparing = new Map<string, Promise<string>>();

  constructor(settings: CheckoutSettings) {
    this.#trees = new CheckoutTrees(settings);
    this.#marks = new CheckoutMarks(join(settings.root, 'marks'));
    this.spares = new SpareCheckouts(this.#trees, new CheckoutMarks(join(settings.root, 'spares')));
  }

  /**
   * The directory of the key's checkout. One that is complete and of the same commit is returned as it is, with
   * whatever was changed in it; one of another commit is replaced. Throws UNAVAILABLE when it cannot be made.
   */
  async prepare(request: CheckoutRequest): Promise<string> {
    if (!isKey(request.key) || !/^[0-9a-f]{40}$/.test(request.commit)) {
      throw new AppError('INVALID', `no checkout can be made of ${request.commit} for ${request.key}`);
    }
    const same = JSON.stringify([request.key, request.commit, request.mirror]);
    const inProgress = this.#preparing.get(same);
    if (inProgress !== undefined) return inProgress;
    const prepared = this.#mutex
      .run(request.key, () => this.#prepare(request))
      .finally(() => this.#preparing.delete(same));
    this.#preparing.set(same, prepared);
    return prepared;
  }

  /** The directory of the complete checkout of this commit, if there is one. Starts nothing. */
  async find({ key, commit }: { key: string; commit: string }): Promise<string | undefined> {
    const mark = isKey(key) ? await this.#marks.find(key) : undefined;
    return mark?.commit === commit && (await this.#trees.isUsable(mark)) ? this.#trees.pathOf(mark) : undefined;
  }

  /** The directory of the key's complete checkout, of whatever commit and however old. Throws NOT_FOUND. */
  async pathOf(key: string): Promise<string> {
    const mark = isKey(key) ? await this.#marks.find(key) : undefined;
    if (mark === undefined) throw new AppError('NOT_FOUND', `there is no checkout for ${key}`);
    return this.#trees.pathOf(mark);
  }

  /** Whether the key has no complete checkout, of whatever commit. */
  async isGone(key: string): Promise<boolean> {
    return !isKey(key) || (await this.#marks.find(key)) === undefined;
  }

  /** Removes the key's checkout; there need not be one. */
  async release(key: string): Promise<void> {
    if (!isKey(key)) return;
    this.spares.forget(key);
    await this.#mutex.run(key, () => this.#trees.remove(key, this.#marks));
  }

  /** The keys of complete checkouts. */
  list(): Promise<string[]> {
    return this.#marks.keys();
  }

  /** Removes what interrupted checkouts left, and spares that nobody wanted. May run at any time. */
  async collectStrays(): Promise<void> {
    await this.spares.forgetOld();
    for (const marks of [this.spares.marks, this.#marks]) await marks.removeDrafts();
    await this.#trees.collect([this.spares.marks, this.#marks]);
  }

  async #prepare(request: CheckoutRequest): Promise<string> {
    const { key } = request;
    const ready = await this.find(request);
    if (ready !== undefined) return ready;
    await this.#trees.remove(key, this.#marks);
    const own = { marks: this.#marks, key };
    if ((await this.spares.give(request, own)) === 'given') {
      const given = await this.find(request);
      if (given !== undefined) return given;
      await this.#trees.remove(key, this.#marks);
    }
    return this.#trees.make(request, own);
  }
}

function isKey(key: string): boolean {
  return /^[\w-]{1,100}$/.test(key);
}
