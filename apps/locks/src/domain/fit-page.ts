// Cuts a page of locks to what one message carries: a thousand locks with long lines would not fit.
import type { Lock } from '@terramesh/contracts';

/**
 * The first locks whose JSON stays within `maxBytes`, at least one; `next` is the name to go on after, null when all
 * fit. Locks with the same name are never cut apart: the name is the cursor.
 */
export function fitPage(locks: readonly Lock[], maxBytes: number): { locks: Lock[]; next: string | null } {
  // Nearly always all of them fit.
  if (sizeOf(locks) <= maxBytes) return { locks: [...locks], next: null };
  let bytes = 0;
  let end = 0;
  for (const [index, lock] of locks.entries()) {
    bytes += sizeOf(lock) + 1;
    if (bytes > maxBytes && end > 0) return { locks: locks.slice(0, end), next: locks[end - 1]?.name ?? null };
    if (locks[index + 1]?.name !== lock.name) end = index + 1;
  }
  return { locks: [...locks], next: null };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
