// The breaker as it is answered: snake_case, as everything of drift that is ours.
import type { DriftBreaker } from '@terramesh/contracts';
import { z } from 'zod';

const Time = z.iso.datetime({ offset: true });

export const WireBreaker = z
  .object({
    state: z.enum(['closed', 'open']),
    opened_at: Time.nullable().describe('When it opened last; null when it never did.'),
    reason: z.string().nullable(),
    checked_targets: z.int(),
    drifted_targets: z.int(),
    cools_down_at: Time.nullable().describe('From then on a check that finds most targets without drift closes it.'),
    closed_at: Time.nullable(),
    closed_by: z.string().nullable().describe('Empty when it closed by itself.'),
  })
  .meta({ id: 'WireDriftBreaker' });

export function encodeBreaker(breaker: DriftBreaker): z.infer<typeof WireBreaker> {
  return {
    state: breaker.state,
    opened_at: breaker.openedAt,
    reason: breaker.reason,
    checked_targets: breaker.checkedTargets,
    drifted_targets: breaker.driftedTargets,
    cools_down_at: breaker.coolsDownAt,
    closed_at: breaker.closedAt,
    closed_by: breaker.closedBy,
  };
}
