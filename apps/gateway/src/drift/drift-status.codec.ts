// Records of a repository → the body of GET /api/drift/status.
import type { AtlantisDrift, AtlantisDriftStatus, DriftCounts, DriftRecord } from '@terramesh/contracts';
import { toSeconds } from './to-seconds.js';

type StatusProject = AtlantisDriftStatus['Projects'][number];

/** `now` is when nothing was checked yet. */
export function encodeDriftStatus(repository: string, records: readonly DriftRecord[], now: Date): AtlantisDriftStatus {
  const projects = records.map(encodeProject);
  const checkedAt = projects
    .map((project) => project.LastChecked)
    .sort()
    .at(-1);
  return {
    Repository: repository,
    TotalProjects: projects.length,
    ProjectsWithDrift: projects.filter((project) => project.Drift.HasDrift).length,
    CheckedAt: checkedAt ?? toSeconds(now.toISOString()),
    Projects: projects,
  };
}

/** What could not be looked at keeps what was known of it, when that was, and says so. */
function encodeProject(record: DriftRecord): StatusProject {
  const { target, counts, error, ref } = record;
  const drift = encodeDrift(counts ?? unchecked);
  const since = toSeconds(record.failingSince ?? record.lastFailedAt ?? '1970-01-01T00:00:00Z');
  const before = counts === null ? '' : `; before that: ${counts.summary}`;
  const summary = error === null ? drift.Summary : `Error: it could not be checked since ${since}: ${error}${before}`;
  return {
    ProjectName: target.name,
    Path: target.directory,
    Workspace: target.terraformWorkspace,
    Ref: ref,
    Drift: { ...drift, Summary: summary },
    LastChecked: toSeconds(record.lastCheckedAt ?? record.lastFailedAt ?? since),
  };
}

const unchecked: DriftCounts = {
  toAdd: 0,
  toChange: 0,
  toDestroy: 0,
  toImport: 0,
  changesOutside: false,
  summary: '',
  hasDrift: false,
};

/** With every member, in Atlantis' order. */
export function encodeDrift(counts: DriftCounts): AtlantisDrift {
  return {
    HasDrift: counts.hasDrift,
    ToAdd: counts.toAdd,
    ToChange: counts.toChange,
    ToDestroy: counts.toDestroy,
    ToImport: counts.toImport,
    ChangesOutside: counts.changesOutside,
    Summary: counts.summary,
  };
}
