// Writes a remediation with its targets: who else has a target, and whether its ref has moved, is decided here.
import type { ApplyLimits, RunKind } from '@terramesh/contracts';
import type { DriftContext } from '../context.js';
import { insertTargets, type NewTarget, takeClaims } from '../persistence/remediation-targets.js';
import {
  closeRemediation,
  insertRemediation,
  type NewRemediation,
  type RunRequest,
  setRunRequest,
} from '../persistence/remediations.js';
import type { Transaction } from '../persistence/transaction.js';
import { judgeCommits } from './ref-guard.js';
import { type KnownTarget, selectorsOf } from './select-targets.js';
import { claimOf } from './target-key.js';
import { overallStatus } from './target-outcome.js';

export interface WantedRemediation extends Omit<NewRemediation, 'runRequest' | 'action'> {
  readonly action: RunKind;
  readonly type: RunRequest['type'];
  readonly destroys: 'refuse' | 'allow';
  readonly user: string;
}

/** False when it is there already: see `insertRemediation`. Without a target to run it ends at once. */
export async function addRemediation(
  tx: Transaction,
  wanted: WantedRemediation,
  targets: readonly KnownTarget[],
  { settings }: Pick<DriftContext, 'settings'>,
): Promise<boolean> {
  const { id, action } = wanted;
  if (!(await insertRemediation(tx, { ...wanted, runRequest: null }))) return false;
  const isGuarded = action === 'apply' && settings.driftSameCommit;
  const commits = isGuarded ? judgeCommits(targets) : { expectedCommit: null, outdated: new Map<number, string>() };
  const others = await takeClaims(
    tx,
    id,
    targets.map((target) => claimOf(wanted, target)),
  );
  const rows = targets.map((target, place) => {
    const other = others.get(claimOf(wanted, target));
    const problem = other === undefined ? commits.outdated.get(place) : busyText(other);
    return rowOf(target, problem);
  });
  await insertTargets(tx, id, rows);
  const sound = targets.filter((_, place) => rows[place]?.status === 'pending');
  if (sound.length === 0) {
    await closeRemediation(tx, id, { status: overallStatus(rows.map(() => ({ status: 'failed' }))), error: null });
    return true;
  }
  await setRunRequest(tx, id, {
    kind: action,
    type: wanted.type,
    repository: wanted.repository,
    ref: wanted.ref,
    pull: null,
    ...selectorsOf(sound),
    user: wanted.user,
    idempotencyKey: `remediation:${id}`,
    origin: wanted.origin === 'automatic' ? 'drift' : 'user',
    expectedCommit: commits.expectedCommit,
    everyTarget: false,
    misfits: 'leave_out',
    limits: action === 'apply' ? limitsOf(settings, wanted.destroys) : null,
  });
  return true;
}

function limitsOf(settings: DriftContext['settings'], destroys: 'refuse' | 'allow'): ApplyLimits {
  return {
    toAdd: settings.driftMaxCreates,
    toChange: settings.driftMaxChanges,
    toDestroy: destroys === 'allow' ? settings.driftMaxDestroys : 0,
  };
}

function rowOf(target: KnownTarget, problem: string | undefined): NewTarget {
  return {
    directory: target.directory,
    terraformWorkspace: target.terraformWorkspace,
    name: target.name,
    seenCommit: target.commit,
    driftBefore: target.drift,
    status: problem === undefined ? 'pending' : 'failed',
    error: problem ?? '',
  };
}

function busyText(other: string): string {
  return `remediation ${other} is at work on this project; try again when it is over`;
}
