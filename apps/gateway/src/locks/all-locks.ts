// All locks, as they are now: what is known of them is brought up to date by what changed since. Callers that come while
// that is read share the next reading.
import { Injectable } from '@nestjs/common';
import { type Lock, locks } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { HeldLocks } from './held-locks.js';

const pageSize = 1000;

@Injectable()
export class AllLocks {
  private held = new HeldLocks();
  /** Of which moment `held` is; null when it is of none. */
  private mark: string | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  private next: Promise<Buffer> | undefined;

  constructor(private readonly mesh: Mesh) {}

  /** The body of what was held at some moment after the call. Rejects with AppError. */
  read(): Promise<Buffer> {
    this.next ??= this.afterCurrent();
    return this.next;
  }

  private async afterCurrent(): Promise<Buffer> {
    await this.reading.catch(() => undefined);
    this.next = undefined;
    const reading = this.update();
    this.reading = reading;
    return reading;
  }

  private async update(): Promise<Buffer> {
    const start = await this.follow(this.mark);
    if (start !== undefined) {
      this.mark = null;
      this.held = new HeldLocks(await this.readPages());
      // Where too much changed meanwhile, the pages are each of a moment of their own, and nothing can follow them.
      await this.follow(start);
    }
    return this.held.body;
  }

  /** Takes in what changed since the mark. The mark to start from when that cannot be told, else undefined. */
  private async follow(since: string | null): Promise<string | undefined> {
    const answer = await this.mesh.call(locks.changes, { since });
    if (answer.answer === 'restart') return answer.mark;
    this.held.change(answer);
    this.mark = answer.mark;
    return undefined;
  }

  private async readPages(): Promise<Lock[]> {
    const all: Lock[] = [];
    let after: string | null = null;
    do {
      const page: { locks: Lock[]; next: string | null } = await this.mesh.call(locks.list, { after, limit: pageSize });
      all.push(...page.locks);
      after = page.next;
    } while (after !== null);
    return all;
  }
}
