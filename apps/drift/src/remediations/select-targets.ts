// Which targets a remediation acts on (Atlantis: core/drift/remediation.go getProjectsToRemediate). Pure.
import type { DriftCounts, StartRemediation } from '@terramesh/contracts';

/** A record of drift, as far as remediation needs it. */
export interface KnownTarget {
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly name: string;
  readonly drift: DriftCounts | null;
  /** The commit that was planned. */
  readonly commit: string | null;
  readonly checkedAt: Date | null;
}

export type Selection = Pick<StartRemediation, 'projects' | 'workspaces' | 'selection'>;

/**
 * With `drifted`, the recorded targets that have drifted; with names alone, one target for each of them, recorded or not,
 * in any workspace; with neither, every recorded target. The filters are exact. No target comes twice.
 */
export function selectTargets(wanted: Selection, known: readonly KnownTarget[]): KnownTarget[] {
  const { projects, workspaces, selection } = wanted;
  if (selection === 'all' && projects.length > 0) {
    return [...new Set(projects)].map((name) => knownByName(known, name));
  }
  return known.filter(
    (target) =>
      (selection === 'all' || target.drift?.hasDrift === true) &&
      (projects.length === 0 || projects.includes(target.name)) &&
      (workspaces.length === 0 || workspaces.includes(target.terraformWorkspace)),
  );
}

/** A name that several records have is left to atlantis.yaml, as it was when one of them was checked last. */
function knownByName(known: readonly KnownTarget[], name: string): KnownTarget {
  const records = known.filter((target) => target.name === name);
  const [only] = records;
  if (only !== undefined && records.length === 1) return only;
  const latest = records.sort((a, b) => (b.checkedAt?.getTime() ?? 0) - (a.checkedAt?.getTime() ?? 0))[0];
  const { commit, checkedAt } = latest ?? { commit: null, checkedAt: null };
  return { directory: '', terraformWorkspace: '', name, drift: null, commit, checkedAt };
}

/** How `runs` is asked for these targets: by name where there is one, else by path. */
export function selectorsOf(targets: readonly KnownTarget[]): {
  projects: string[];
  paths: { directory: string; workspace: string }[];
} {
  const unnamed = targets.filter(({ name }) => name === '');
  return {
    projects: [...new Set(targets.map(({ name }) => name))].filter((name) => name !== ''),
    paths: unnamed.map(({ directory, terraformWorkspace }) => ({ directory, workspace: terraformWorkspace })),
  };
}
