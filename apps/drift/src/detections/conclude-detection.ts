// What a detection found, from its finished run. Pure.
import type { DetectedTarget, DetectionStatus, Run } from '@terramesh/contracts';
import type { Observation } from '../records/observation.js';

export interface Conclusion {
  readonly status: Exclude<DetectionStatus, 'pending' | 'running'>;
  readonly commit: string | null;
  readonly error: string | null;
  readonly targets: readonly DetectedTarget[];
}

/** `failure`: why no target became known. A target that was not looked at counts as failed. */
export function concludeDetection(
  run: Run,
  observations: readonly Observation[],
  failure: { readonly error: string } | undefined,
): Conclusion {
  const seen = new Map(observations.map((observation) => [idOf(observation), observation]));
  const looked = run.executions.map((execution): DetectedTarget => {
    const { target } = execution;
    const observation = seen.get(idOf(execution));
    if (observation === undefined) return { target, ...canceled, checkedAt: execution.finishedAt ?? run.createdAt };
    const checkedAt = observation.at.toISOString();
    if (observation.kind === 'failed') return { target, counts: null, error: observation.error, checkedAt };
    return { target, counts: observation.counts, error: null, checkedAt };
  });
  const checkedAt = run.startedAt ?? run.createdAt;
  const unfit = run.leftOut.map(({ project, directory, workspace, reason }): DetectedTarget => {
    const target = { directory, terraformWorkspace: workspace, name: project };
    return { target, counts: null, error: reason, checkedAt };
  });
  const targets = [...looked, ...unfit];
  const failed = targets.filter(({ error }) => error !== null).length;
  const status = failure !== undefined ? 'failed' : statusOf(failed, targets.length);
  return { status, commit: run.commit, error: failure?.error ?? null, targets };
}

const canceled = { counts: null, error: 'it was canceled' };

function statusOf(failed: number, total: number): Conclusion['status'] {
  if (failed === 0) return 'success';
  return failed < total ? 'partial' : 'failed';
}

function idOf({ target }: Pick<Observation, 'target'>): string {
  return JSON.stringify([target.directory, target.terraformWorkspace, target.name]);
}
