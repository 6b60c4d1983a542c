// The body of GET /api/locks, kept from one answer to the next: of ten thousand locks only those that changed are encoded.
import type { HeldLock } from '@terramesh/contracts';
import { encodeLock } from './locks.codec.js';

interface Entry {
  readonly name: string;
  readonly fence: number;
  /** With the comma before it. */
  readonly json: Buffer;
}

const head = Buffer.from('{"Locks":[');
const tail = Buffer.from(']}\n');

export class HeldLocks {
  private entries: readonly Entry[] = [];
  private encoded: Buffer | undefined;

  constructor(locks: readonly HeldLock[] = []) {
    this.entries = sorted(locks.map(entryOf));
  }

  /** Drops the locks with the fences in `gone`, then puts `locks` in the place of those with the same fence. */
  change({ gone, locks }: { gone: readonly number[]; locks: readonly HeldLock[] }): void {
    if (gone.length + locks.length === 0) return;
    const replaced = new Set([...gone, ...locks.map(({ fence }) => fence)]);
    const kept = this.entries.filter(({ fence }) => !replaced.has(fence));
    this.entries = sorted([...kept, ...locks.map(entryOf)]);
    this.encoded = undefined;
  }

  /** Sorted by name. */
  get body(): Buffer {
    this.encoded ??= encode(this.entries);
    return this.encoded;
  }
}

function entryOf(lock: HeldLock): Entry {
  return { name: lock.name, fence: lock.fence, json: Buffer.from(`,${encodeLock(lock)}`) };
}

/** Quick, for nearly all of it is in order already. Two hosts may have locks of the same name. */
function sorted(entries: Entry[]): Entry[] {
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.fence - b.fence));
}

function encode(entries: readonly Entry[]): Buffer {
  const [first, ...others] = entries.map(({ json }) => json);
  return Buffer.concat(first === undefined ? [head, tail] : [head, first.subarray(1), ...others, tail]);
}
