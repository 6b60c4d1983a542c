// Keeps a list of all locks as the contract of `locks.changes` says.
import { type HeldLock, type Lock, locks } from '@terramesh/contracts';
import type { Mesh } from '@terramesh/mesh';

export class Follower {
  private readonly held = new Map<number, HeldLock>();
  private mark: string | null = null;

  constructor(private readonly mesh: Mesh) {}

  /** Sorted by name. */
  locks(): HeldLock[] {
    return [...this.held.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async follow(): Promise<'followed' | 'restarted'> {
    const answer = await this.mesh.call(locks.changes, { since: this.mark });
    if (answer.answer === 'restart') {
      await this.restart();
      return 'restarted';
    }
    for (const fence of answer.gone) this.held.delete(fence);
    for (const lock of answer.locks) this.held.set(lock.fence, lock);
    this.mark = answer.mark;
    return 'followed';
  }

  async restart(): Promise<void> {
    this.mark = (await this.mesh.call(locks.changes, { since: null })).mark;
    this.held.clear();
    for (const lock of await this.truth()) this.held.set(lock.fence, lock);
    await this.follow();
  }

  /** As `locks.list` tells it, page by page. */
  async truth(): Promise<HeldLock[]> {
    const all: HeldLock[] = [];
    let after: string | null = null;
    do {
      const page: { locks: Lock[]; next: string | null } = await this.mesh.call(locks.list, { after });
      all.push(...page.locks.map(({ guard: _, waiting: __, ...held }) => held));
      after = page.next;
    } while (after !== null);
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
