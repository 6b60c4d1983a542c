// When the breaker opens and when it may close by itself. Pure.

export interface BreakerLimits {
  /** In percent. */
  readonly share: number;
  /** Fewest newly drifted targets that matter. */
  readonly targets: number;
}

export interface Checks {
  readonly checked: number;
  /** Of those, how many have drifted and had not before, or have drifted at all. */
  readonly drifted: number;
}

/** True when so much drifted that a cause in common is likelier than so many causes. */
export function isTooMuch({ checked, drifted }: Checks, { share, targets }: BreakerLimits): boolean {
  return drifted >= targets && drifted * 100 > share * checked;
}

/** True when the breaker was open long enough and most targets that were checked of late have no drift. */
export function mayClose(
  open: { readonly since: Date; readonly coolDownMs: number; readonly recent: Checks },
  now: Date,
  limits: BreakerLimits,
): boolean {
  const isCool = now.getTime() - open.since.getTime() >= open.coolDownMs;
  return isCool && open.recent.checked > 0 && !isTooMuch(open.recent, limits);
}
