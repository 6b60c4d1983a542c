// The two request headers that are ours: asynchronous answers and safe repetition.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@terramesh/contracts';

/** True when `Prefer` has `respond-async` (RFC 7240). */
export function prefersAsync(headers: IncomingHttpHeaders): boolean {
  const preferences = [headers.prefer ?? ''].flat().join(',').split(',');
  return preferences.some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}

/** The `Idempotency-Key`, undefined without one. Throws INVALID unless it is 1 to 255 visible ASCII characters. */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError('INVALID', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
}
