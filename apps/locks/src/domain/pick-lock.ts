// Which lock a person means by a name.
import { AppError, type Lock } from '@terramesh/contracts';

/** Throws NOT_FOUND for none, CONFLICT for several. */
export function pickLock(found: readonly Lock[], name: string): Lock {
  const [lock, ...others] = found;
  if (lock === undefined) throw new AppError('NOT_FOUND', `no lock is held under the name ${name}`);
  if (others.length > 0) {
    const names = found.map(({ key, name: each }) => `${key.hostname}/${each}`);
    throw new AppError('CONFLICT', `several locks have the name ${name}; say which: ${names.join(', ')}`);
  }
  return lock;
}
