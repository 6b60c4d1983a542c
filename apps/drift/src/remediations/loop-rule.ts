// A target that drifts again soon after it was put right, again and again: somebody or something undoes the apply. Pure.

export interface RemediatedBefore {
  /** When it was last put right by an apply. */
  readonly appliedAt: Date;
  /** Relapses in a row. */
  readonly relapses: number;
  /** The apply after which a relapse was counted last: one apply has one relapse at most. */
  readonly countedFor: Date | null;
  /** Since when it is left alone. */
  readonly stoppedAt: Date | null;
}

export interface LoopLimits {
  readonly periodMs: number;
  readonly relapses: number;
}

export interface LoopVerdict {
  readonly verdict: 'go on' | 'stopped';
  readonly relapses: number;
  /** `counted`: this drift counts for the last apply; `old`: nothing is to be written. */
  readonly news: 'counted' | 'old';
}

/** What drift that was seen at `seenAt` means for a target; undefined `before`: it was never put right. */
export function judgeRelapse(before: RemediatedBefore | undefined, seenAt: Date, limits: LoopLimits): LoopVerdict {
  if (before === undefined) return { verdict: 'go on', relapses: 0, news: 'old' };
  const { appliedAt, countedFor, relapses } = before;
  if (before.stoppedAt !== null) return { verdict: 'stopped', relapses, news: 'old' };
  const sinceMs = seenAt.getTime() - appliedAt.getTime();
  if (sinceMs <= 0 || countedFor?.getTime() === appliedAt.getTime()) return { verdict: 'go on', relapses, news: 'old' };
  const now = sinceMs <= limits.periodMs ? relapses + 1 : 0;
  return { verdict: now >= limits.relapses ? 'stopped' : 'go on', relapses: now, news: 'counted' };
}
