// The list of all locks, read page by page. Callers that come while it is read share the next reading.
import { Injectable } from '@nestjs/common';
import { type Lock, locks } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';

const pageSize = 1000;

@Injectable()
export class AllLocks {
  private reading: Promise<unknown> = Promise.resolve();
  private next: Promise<Lock[]> | undefined;

  constructor(private readonly mesh: Mesh) {}

  /** What was held at some moment after the call. Rejects with AppError. */
  read(): Promise<Lock[]> {
    this.next ??= this.afterCurrent();
    return this.next;
  }

  private async afterCurrent(): Promise<Lock[]> {
    await this.reading.catch(() => undefined);
    this.next = undefined;
    const reading = this.readPages();
    this.reading = reading;
    return reading;
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
