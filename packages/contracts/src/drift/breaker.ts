// Served by apps/drift. While the breaker is open nothing is applied to put drift right: too much drifted at once.
import { z } from 'zod';
import { operation } from '../operation.js';

const Timestamp = z.iso.datetime({ offset: true });

export const DriftBreaker = z
  .object({
    state: z.enum(['closed', 'open']),
    /** What was seen when it opened last; null when it never did. */
    openedAt: Timestamp.nullable(),
    reason: z.string().nullable(),
    checkedTargets: z.int().nonnegative(),
    driftedTargets: z.int().nonnegative(),
    /** It closes by itself at the first check after this that finds most targets without drift. Null when closed. */
    coolsDownAt: Timestamp.nullable(),
    closedAt: Timestamp.nullable(),
    /** Empty when it closed by itself. */
    closedBy: z.string().nullable(),
  })
  .meta({ id: 'DriftBreaker' });
export type DriftBreaker = z.infer<typeof DriftBreaker>;

export const driftBreaker = {
  get: operation({ subject: 'drift.get-breaker', input: z.object({}), output: DriftBreaker, idempotent: true }),
  /** Closes it by hand; drift seen until now does not open it again. Nothing happens when it is closed. */
  close: operation({
    subject: 'drift.close-breaker',
    input: z.object({ user: z.string().max(255).default('') }),
    output: DriftBreaker,
    idempotent: true,
  }),
};
