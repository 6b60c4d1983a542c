// Whether a plan may be applied within the limits its run was given.
import type { ApplyLimits, PlanSummary } from '@terramesh/contracts';

type Counts = Pick<PlanSummary, 'toAdd' | 'toChange' | 'toDestroy'>;

const verbs = { toAdd: 'add', toChange: 'change', toDestroy: 'destroy' } as const;

/** Why it may not, for the person who asked for it, with every limit that it is past; null when it may. */
export function limitsBreach(plan: Counts, limits: ApplyLimits): string | null {
  const breaches = (Object.keys(verbs) as (keyof Counts)[]).flatMap((count) => {
    const limit = limits[count];
    return limit === null || plan[count] <= limit ? [] : [`${verbs[count]} ${plan[count]} (the limit is ${limit})`];
  });
  return breaches.length === 0 ? null : `nothing was applied: the plan would ${breaches.join(' and ')}`;
}
