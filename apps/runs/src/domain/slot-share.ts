// How many of a worker's slots drift may have: people's runs never wait for it while there is more than one slot.

export interface Slots {
  /** How much is done side by side. */
  readonly size: number;
  /** Slots in which nothing is done; may be negative after a restart that took over more than there are slots. */
  readonly free: number;
  /** Slots in which drift is worked on. */
  readonly drift: number;
  /** The most of these; undefined: half of all, at least one. */
  readonly driftShare: number | undefined;
}

/** `user`: only people's work may be claimed now. The last free slot is theirs. */
export function claimable({ size, free, drift, driftShare }: Slots): 'anything' | 'user' {
  const share = driftShare ?? Math.max(1, Math.floor(size / 2));
  const leavesOneFree = size === 1 || free > 1;
  return drift < share && leavesOneFree ? 'anything' : 'user';
}
