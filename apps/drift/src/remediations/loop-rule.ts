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

export type LoopVerdict =
  | { readonly verdict: 'go on'; readonly relapses: number }
  /** `news`: it is stopped by this very drift. */
  | { readonly verdict: 'stopped'; readonly relapses: number; readonly news: 'new' | 'old' };

/** What drift that was seen at `seenAt` means for a target; undefined `before`: it was never put right. */
export function judgeRelapse(before: RemediatedBefore | undefined, seenAt: Date, limits: LoopLimits): LoopVerdict {
  if (before === undefined) return { verdict: 'go on', relapses: 0 };
  if (before.stoppedAt !== null) return { verdict: 'stopped', relapses: before.relapses, news: 'old' };
  const isCounted = before.countedFor !== null && before.countedFor.getTime() === before.appliedAt.getTime();
  if (isCounted) return { verdict: 'go on', relapses: before.relapses };
  const isRelapse = seenAt.getTime() - before.appliedAt.getTime() <= limits.periodMs;
  const relapses = isRelapse ? before.relapses + 1 : 0;
  return relapses >= limits.relapses ? { verdict: 'stopped', relapses, news: 'new' } : { verdict: 'go on', relapses };
}
