// Decides with every recorded run whether too much drifts at once for anything to be applied by itself.
import { randomUUID } from 'node:crypto';
import type { DriftContext } from '../context.js';
import {
  type BreakerRow,
  lockBreaker,
  openBreaker,
  readBreaker,
  shutBreaker,
  tripAgain,
} from '../persistence/breaker.js';
import { countRecentChecks, type RecentChecks } from '../persistence/known-targets.js';
import type { Transaction } from '../persistence/transaction.js';
import { tell } from '../telling/tell.js';
import { type BreakerLimits, type Checks, isTooMuch, mayClose } from './breaker-rule.js';

export interface RecordedRun {
  readonly detectionId: string | null;
  readonly runId: string;
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  /** How many targets were checked, how many of them have drifted, and how many of those had not before. */
  readonly checked: number;
  readonly drifted: number;
  readonly newlyDrifted: number;
}

/**
 * Call it when the records of the run are written, in their transaction. `opened`: by this run, which is told; `open`: it
 * was before. Of several transactions that find too much, one opens it.
 */
export async function judgeBreaker(
  tx: Transaction,
  run: RecordedRun,
  { settings }: Pick<DriftContext, 'settings'>,
): Promise<'closed' | 'opened' | 'open'> {
  const limits = { share: settings.driftBreakerShare, targets: settings.driftBreakerTargets };
  // In turn, when there is new drift: what others have found and not yet committed would not be counted.
  const seen = run.newlyDrifted > 0 ? await lockBreaker(tx) : await readBreaker(tx);
  const recent = await recentChecks(tx, seen, settings.driftBreakerPeriodMs);
  const excess = excessOf(run, recent, limits);
  if (seen.state === 'closed' && excess === undefined) return 'closed';

  const breaker = await lockBreaker(tx);
  if (breaker.state === 'closed') {
    // Somebody closed it since it was read: what was seen until then is not held against anybody.
    const anew = excessOf(run, await recentChecks(tx, breaker, settings.driftBreakerPeriodMs), limits);
    if (anew === undefined) return 'closed';
    await openBreaker(tx, { ...anew, hostname: run.hostname, repository: run.repository });
    await tellOpened(tx, run, anew);
    return 'opened';
  }
  if (excess !== undefined) {
    await tripAgain(tx);
    return 'open';
  }
  const since = breaker.trippedAt ?? breaker.openedAt ?? new Date();
  const open = { since, coolDownMs: settings.driftBreakerCoolDownMs, recent };
  if (!mayClose(open, new Date(), limits)) return 'open';
  await shutBreaker(tx, '');
  const reason = 'it cooled down, and most targets that were checked since have no drift';
  await tell(tx, { ...about(run), kind: 'breaker.closed', reason, user: '' });
  return 'closed';
}

function recentChecks(tx: Transaction, breaker: BreakerRow, sinceMs: number): Promise<RecentChecks> {
  return countRecentChecks(tx, { sinceMs, newSince: breaker.closedAt });
}

interface Excess extends Checks {
  readonly reason: string;
}

/** Undefined when neither the run nor all recent checks together found too much. */
function excessOf(run: RecordedRun, recent: RecentChecks, limits: BreakerLimits): Excess | undefined {
  const ofRun = { checked: run.checked, drifted: run.newlyDrifted };
  if (isTooMuch(ofRun, limits)) return { ...ofRun, reason: reasonOf(ofRun, `run ${run.runId}`) };
  const ofAll = { checked: recent.checked, drifted: recent.newlyDrifted };
  if (run.newlyDrifted > 0 && isTooMuch(ofAll, limits)) {
    return { ...ofAll, reason: reasonOf(ofAll, 'the latest checks of all repositories') };
  }
  return undefined;
}

function reasonOf({ checked, drifted }: Checks, where: string): string {
  return `${drifted} of ${checked} targets have drifted at once in ${where}`;
}

async function tellOpened(tx: Transaction, run: RecordedRun, excess: Excess): Promise<void> {
  await tell(tx, {
    ...about(run),
    kind: 'breaker.opened',
    runId: run.runId,
    detectionId: run.detectionId,
    reason: `${excess.reason}; nothing is applied to put drift right until the breaker is closed`,
    checkedTargets: excess.checked,
    driftedTargets: excess.drifted,
  });
}

function about({ hostname, repository, ref }: Pick<RecordedRun, 'hostname' | 'repository' | 'ref'>) {
  return { eventId: randomUUID(), at: new Date().toISOString(), repository: { hostname, repository }, ref };
}
