// One small file per complete checkout, written last and removed first: a tree without one is no checkout.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBootId } from '@terramesh/service';
import { z } from 'zod';
import { isMissing, namesIn } from './mirror-files.js';

const CheckoutMark = z.object({
  commit: z.string(),
  /** The mirror's directory. */
  mirror: z.string(),
  /** The tree's folder name. */
  tree: z.string(),
  /** A tree of another boot may have lost what the disk had not written when the power went. */
  bootId: z.string(),
});
export type CheckoutMark = z.infer<typeof CheckoutMark>;

const suffix = '.json';

export class CheckoutMarks {
  readonly #drafts = new Set<string>();

  constructor(private readonly directory: string) {}

  /** Undefined when there is none, or its file is damaged. */
  async find(key: string): Promise<CheckoutMark | undefined> {
    try {
      return CheckoutMark.parse(JSON.parse(await readFile(this.#file(key), 'utf8')));
    } catch (error) {
      if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  async write(key: string, mark: Omit<CheckoutMark, 'bootId'>): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const name = randomUUID();
    const draft = join(this.directory, name);
    this.#drafts.add(name);
    try {
      await writeFile(draft, JSON.stringify({ ...mark, bootId: await readBootId() }));
      await rename(draft, this.#file(key));
    } finally {
      this.#drafts.delete(name);
    }
  }

  /** Removes what a process that was killed while it wrote has left. */
  async removeDrafts(): Promise<void> {
    const names = await namesIn(this.directory);
    for (const name of names)
      if (!name.endsWith(suffix) && !this.#drafts.has(name)) await rm(join(this.directory, name), { force: true });
  }

  /** Gives a mark, and with it the tree, to a key that has none. False when there is no such mark. */
  async give(key: string, to: { marks: CheckoutMarks; key: string }): Promise<boolean> {
    await mkdir(to.marks.directory, { recursive: true, mode: 0o700 });
    try {
      await rename(this.#file(key), to.marks.#file(to.key));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** When it was written, in ms since 1970; undefined when there is none. */
  async writtenAt(key: string): Promise<number | undefined> {
    try {
      return (await stat(this.#file(key))).mtimeMs;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#file(key), { force: true });
  }

  async keys(): Promise<string[]> {
    const names = await namesIn(this.directory);
    return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
  }

  #file(key: string): string {
    return join(this.directory, `${key}${suffix}`);
  }
}

/** Whether what the mark tells of was made since this machine was started. */
export async function isOfThisBoot(mark: CheckoutMark): Promise<boolean> {
  return mark.bootId === (await readBootId());
}
