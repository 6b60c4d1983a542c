// A working tree of one commit per key: made by one git process, removed through the file system alone.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '@terramesh/contracts';
import { type CheckoutMark, CheckoutMarks, isOfThisBoot } from './checkout-marks.js';
import { diskFullError } from './disk-full.js';
import type { Git } from './git.js';
import { KeyedMutex } from './slots.js';
import { addWorktree, collectWorktrees, isDirectory, removeWorktree } from './worktrees.js';

export interface CheckoutRequest {
  /** The mirror's directory, as `Mirrors.fetch` returns it. */
  readonly mirror: string;
  /** Full SHA. */
  readonly commit: string;
  /** Whose checkout it is: letters, digits, `_` and `-`, at most 100. */
  readonly key: string;
}

export interface CheckoutSettings {
  readonly root: string;
  /** The root of the `Mirrors` that the checkouts come from. */
  readonly mirrors: string;
  readonly git: Git;
  readonly checkoutTimeoutMs: number;
}

/**
 * Only one process may use `root` at a time (packages/service: claimDirectory). Every tree has a name of its own, so that what a
 * killed git still writes into an old one never meets a new one.
 */
export class Checkouts {
  readonly #marks: CheckoutMarks;
  readonly #trees: string;
  readonly #mutex = new KeyedMutex();
  readonly #preparing = new Map<string, Promise<string>>();
  /** Trees that are being made: not garbage, though no mark names them yet. */
  readonly #unfinished = new Set<string>();

  constructor(private readonly settings: CheckoutSettings) {
    this.#marks = new CheckoutMarks(join(settings.root, 'marks'));
    this.#trees = join(settings.root, 'trees');
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
    return mark?.commit === commit && (await this.#isUsable(mark)) ? this.#pathOf(mark) : undefined;
  }

  /** The directory of the key's complete checkout, of whatever commit and however old. Throws NOT_FOUND. */
  async pathOf(key: string): Promise<string> {
    const mark = isKey(key) ? await this.#marks.find(key) : undefined;
    if (mark === undefined) throw new AppError('NOT_FOUND', `there is no checkout for ${key}`);
    return this.#pathOf(mark);
  }

  /** Removes the key's checkout; there need not be one. */
  async release(key: string): Promise<void> {
    if (isKey(key)) await this.#mutex.run(key, () => this.#remove(key));
  }

  /** The keys of complete checkouts. */
  list(): Promise<string[]> {
    return this.#marks.keys();
  }

  /** Removes what interrupted checkouts left. May run at any time. */
  async collectStrays(): Promise<void> {
    await collectWorktrees({ trees: this.#trees, mirrors: this.settings.mirrors, findKept: () => this.#namedTrees() });
  }

  async #prepare(request: CheckoutRequest): Promise<string> {
    const { mirror, commit, key } = request;
    const ready = await this.find(request);
    if (ready !== undefined) return ready;
    await this.#remove(key);
    await mkdir(this.#trees, { recursive: true, mode: 0o700 });
    const tree = `${key}-${randomBytes(4).toString('hex')}`;
    const directory = join(this.#trees, tree);
    this.#unfinished.add(tree);
    try {
      const { git, checkoutTimeoutMs } = this.settings;
      await addWorktree({ git, mirror, directory, commit, timeoutMs: checkoutTimeoutMs });
      await this.#marks.write(key, { commit, mirror, tree });
      return directory;
    } catch (error) {
      const full = isAppError(error) ? null : await diskFullError(this.#trees, error);
      await removeWorktree({ mirror, directory });
      throw full ?? error;
    } finally {
      this.#unfinished.delete(tree);
    }
  }

  /** The mark goes first: what it names is complete as long as it stands. */
  async #remove(key: string): Promise<void> {
    const mark = await this.#marks.find(key);
    await this.#marks.remove(key);
    if (mark !== undefined) await removeWorktree({ mirror: mark.mirror, directory: this.#pathOf(mark) });
  }

  async #namedTrees(): Promise<Set<string>> {
    const named = new Set(this.#unfinished);
    for (const key of await this.list()) {
      const mark = await this.#marks.find(key);
      if (mark !== undefined) named.add(mark.tree);
    }
    return named;
  }

  async #isUsable(mark: CheckoutMark): Promise<boolean> {
    return (await isOfThisBoot(mark)) && (await isDirectory(this.#pathOf(mark)));
  }

  #pathOf(mark: CheckoutMark): string {
    return join(this.#trees, mark.tree);
  }
}

function isKey(key: string): boolean {
  return /^[\w-]{1,100}$/.test(key);
}
