// A run that failed as a whole could look at none of the targets that it was to look at.
import type { DetectionRow } from '../persistence/detections.js';
import { type RecordedRef, recordedTargets } from '../persistence/records.js';
import type { Transaction } from '../persistence/transaction.js';
import type { Observation } from './observation.js';

export async function unseenTargets(
  tx: Transaction,
  ref: RecordedRef,
  { projects, paths }: Pick<DetectionRow, 'projects' | 'paths'>,
  { error, at }: { error: string; at: Date },
): Promise<Observation[]> {
  const isEvery = projects.length + paths.length === 0;
  const targets = await recordedTargets(tx, ref);
  return targets
    .filter(
      ({ name, directory, terraformWorkspace }) =>
        isEvery ||
        projects.includes(name) ||
        paths.some((path) => isWithin(path.directory, directory) && ['', terraformWorkspace].includes(path.workspace)),
    )
    .map((target) => ({ target, kind: 'failed', error, at }));
}

function isWithin(asked: string, directory: string): boolean {
  return asked === '' || asked.replace(/^(\.\/)+|\/+$/g, '') === directory;
}
