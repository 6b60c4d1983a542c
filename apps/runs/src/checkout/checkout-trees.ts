// The working trees on disk, each named by a mark once it is complete. Every tree has a name of its own, so that what a
// killed git still writes into an old one never meets a new one.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAppError } from '@terramesh/contracts';
import { type CheckoutMark, type CheckoutMarks, isOfThisBoot } from './checkout-marks.js';
import { diskFullError } from './disk-full.js';
import type { Git } from './git.js';
import { addWorktree, collectWorktrees, isDirectory, removeWorktree } from './worktrees.js';

/** What a tree is made of. */
export interface TreeSource {
  /** The mirror's directory, as `Mirrors.fetch` returns it. */
  readonly mirror: string;
  /** Full SHA. */
  readonly commit: string;
}

export interface CheckoutSettings {
  readonly root: string;
  /** The root of the `Mirrors` that the checkouts come from. */
  readonly mirrors: string;
  readonly git: Git;
  readonly checkoutTimeoutMs: number;
}

export interface MakeTree {
  readonly marks: CheckoutMarks;
  readonly key: string;
  readonly signal?: AbortSignal;
  /** `low`: nobody waits for it. */
  readonly priority?: 'normal' | 'low';
}

export class CheckoutTrees {
  readonly #folder: string;
  /** Trees that are being made: not garbage, though no mark names them yet. */
  readonly #unfinished = new Set<string>();

  constructor(private readonly settings: CheckoutSettings) {
    this.#folder = join(settings.root, 'trees');
  }

  pathOf(mark: CheckoutMark): string {
    return join(this.#folder, mark.tree);
  }

  async isUsable(mark: CheckoutMark): Promise<boolean> {
    return (await isOfThisBoot(mark)) && (await isDirectory(this.pathOf(mark)));
  }

  /** One git process; resolves to the directory when the mark is written. */
  async make(source: TreeSource, how: MakeTree): Promise<string> {
    const { mirror, commit } = source;
    const { marks, key, signal, priority = 'normal' } = how;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const tree = `${key}-${randomBytes(4).toString('hex')}`;
    const directory = join(this.#folder, tree);
    this.#unfinished.add(tree);
    try {
      const { git, checkoutTimeoutMs: timeoutMs } = this.settings;
      const worktree = { git, mirror, directory, commit, timeoutMs, priority };
      await addWorktree({ ...worktree, ...(signal === undefined ? {} : { signal }) });
      await marks.write(key, { commit, mirror, tree });
      return directory;
    } catch (error) {
      const full = isAppError(error) ? null : await diskFullError(this.#folder, error);
      await removeWorktree({ mirror, directory });
      throw full ?? error;
    } finally {
      this.#unfinished.delete(tree);
    }
  }

  /** The mark goes first: what it names is complete as long as it stands. */
  async remove(key: string, marks: CheckoutMarks): Promise<void> {
    const mark = await marks.find(key);
    await marks.remove(key);
    if (mark !== undefined) await removeWorktree({ mirror: mark.mirror, directory: this.pathOf(mark) });
  }

  /** Removes the trees that none of these name. Marks are given only to later ones of the list. */
  async collect(all: readonly CheckoutMarks[]): Promise<void> {
    const findKept = async () => {
      const named = new Set(this.#unfinished);
      for (const marks of all)
        for (const key of await marks.keys()) {
          const mark = await marks.find(key);
          if (mark !== undefined) named.add(mark.tree);
        }
      return named;
    };
    await collectWorktrees({ trees: this.#folder, mirrors: this.settings.mirrors, findKept });
  }
}
