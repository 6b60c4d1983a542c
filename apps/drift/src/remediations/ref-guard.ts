// Drift is put right only at the commit at which it was seen (Atlantis: validateCachedDriftCommit). Pure.
import type { KnownTarget } from './select-targets.js';

export interface RefVerdict {
  /** What the run is to insist on; null: any commit, since nobody has checked any of them. */
  readonly expectedCommit: string | null;
  /** Why a target was left out, by its place. */
  readonly outdated: ReadonlyMap<number, string>;
}

/**
 * The commit of the latest check counts: a target that was seen at another one is outdated. What nobody has checked yet is
 * bound by the others, and frees none of them.
 */
export function judgeCommits(targets: readonly KnownTarget[]): RefVerdict {
  const latest = latestCommit(targets);
  if (latest === null) return { expectedCommit: null, outdated: new Map() };
  const outdated = new Map<number, string>();
  for (const [place, target] of targets.entries()) {
    if (target.commit !== null && target.commit !== latest) outdated.set(place, refMovedText(target, latest));
  }
  return { expectedCommit: latest, outdated };
}

function latestCommit(targets: readonly KnownTarget[]): string | null {
  const checked = targets.filter(({ commit }) => commit !== null);
  const timeOf = (target: KnownTarget) => target.checkedAt?.getTime() ?? 0;
  return checked.sort((a, b) => timeOf(b) - timeOf(a))[0]?.commit ?? null;
}

/** `now`: the commit that the ref is at, null when only a run knows it. */
export function refMovedText(target: Pick<KnownTarget, 'name' | 'directory' | 'commit'>, now: string | null): string {
  const project = target.name === '' ? target.directory : target.name;
  const where = now === null ? 'the ref has moved since' : `the ref is at ${now} now`;
  return `cached drift for project ${JSON.stringify(project)} was detected at commit ${target.commit ?? 'unknown'}, but ${where}; rerun drift detection before remediation apply`;
}
