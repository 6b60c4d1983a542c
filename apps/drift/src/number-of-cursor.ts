import { AppError } from '@terramesh/contracts';

/** Where a list goes on that is ordered by a number; null at its beginning. Throws INVALID. */
export function numberOfCursor(after: string | null): number | null {
  if (after === null) return null;
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw new AppError('INVALID', 'after is not `next` of a page');
}
