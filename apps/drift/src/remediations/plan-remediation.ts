// Remediation that nobody asked for by hand: a schedule's detection found drift and says what is to be done about it.
import { randomUUID } from 'node:crypto';
import { type FollowUp, maxToldTargets } from '@terramesh/contracts';
import type { DriftContext } from '../context.js';
import { followUpNow } from '../persistence/follow-up.js';
import { lockRemediated, noteRelapses, type Relapses } from '../persistence/remediated-targets.js';
import type { RunRequest } from '../persistence/remediations.js';
import type { Transaction } from '../persistence/transaction.js';
import { tell } from '../telling/tell.js';
import { addRemediation } from './add-remediation.js';
import { obstacleToApply } from './guard-apply.js';
import { judgeRelapse } from './loop-rule.js';
import type { KnownTarget } from './select-targets.js';
import { targetKey } from './target-key.js';

export interface FinishedDetection {
  readonly id: string;
  readonly type: RunRequest['type'];
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly runId: string;
  readonly commit: string | null;
  readonly followUp: 'plan' | 'apply';
}

/**
 * Call it in the transaction that records the detection, with the targets that have drifted, and only while the breaker is
 * closed. The id of the remediation; undefined when there is none to be made: outside the window, no longer wanted by the
 * schedule, or every target is left alone or being remediated. One detection leads to one remediation, however often this is called.
 */
export async function planRemediation(
  tx: Transaction,
  { detection, targets }: { detection: FinishedDetection; targets: readonly KnownTarget[] },
  context: Pick<DriftContext, 'settings' | 'logger'>,
): Promise<string | undefined> {
  if (targets.length === 0) return undefined;
  const action = weaker(detection.followUp, (await followUpNow(tx, detection.id)) ?? detection.followUp);
  if (action === 'nothing') return undefined;
  if (action === 'apply') {
    const obstacle = await obstacleToApply(tx, 'automatic', context);
    if (obstacle !== undefined) {
      context.logger.info({ detectionId: detection.id, obstacle }, 'drift is not remediated now');
      return undefined;
    }
  }
  const wanted = action === 'apply' ? await withoutLoops(tx, detection, targets, context) : targets;
  if (wanted.length === 0) return undefined;
  const id = randomUUID();
  const remediation = {
    id,
    origin: 'automatic' as const,
    detectionId: detection.id,
    type: detection.type,
    hostname: detection.hostname,
    repository: detection.repository,
    ref: detection.ref,
    action,
    idempotencyKey: null,
    requestHash: null,
    destroys: 'refuse' as const,
    user: 'drift',
  };
  return (await addRemediation(tx, remediation, wanted, context)) ? id : undefined;
}

function weaker(one: FollowUp, other: FollowUp): FollowUp {
  const order: readonly FollowUp[] = ['nothing', 'plan', 'apply'];
  return order.indexOf(one) < order.indexOf(other) ? one : other;
}

/** The targets that may be applied again; tells once of each that is left alone from now on. */
async function withoutLoops(
  tx: Transaction,
  detection: FinishedDetection,
  targets: readonly KnownTarget[],
  { settings }: Pick<DriftContext, 'settings'>,
): Promise<KnownTarget[]> {
  const limits = { periodMs: settings.driftLoopPeriodMs, relapses: settings.driftLoopRelapses };
  const { hostname, repository } = detection;
  const verdicts = new Map<KnownTarget, 'go on' | 'stopped now' | 'stopped before'>();
  const counted: Relapses[] = [];
  const byKey = new Map(targets.map((target) => [targetKey(target), target]));
  const of = { hostname, repository };
  const remediated = await lockRemediated(tx, of, [...byKey.keys()]);
  for (const [key, target] of byKey) {
    const judged = judgeRelapse(remediated.get(key), target.checkedAt ?? new Date(), limits);
    const isStopped = judged.verdict === 'stopped';
    const isCounted = judged.news === 'counted';
    if (isCounted) counted.push({ target: key, relapses: judged.relapses, stopped: isStopped });
    verdicts.set(target, isStopped ? (isCounted ? 'stopped now' : 'stopped before') : 'go on');
  }
  await noteRelapses(tx, of, counted);
  const stopped = targets.filter((target) => verdicts.get(target) === 'stopped now');
  if (stopped.length > 0) await tellLoop(tx, detection, stopped, settings.driftLoopRelapses);
  return targets.filter((target) => verdicts.get(target) === 'go on');
}

async function tellLoop(
  tx: Transaction,
  detection: FinishedDetection,
  targets: readonly KnownTarget[],
  relapses: number,
): Promise<void> {
  const { hostname, repository, ref, runId, commit } = detection;
  await tell(tx, {
    kind: 'loop.detected',
    eventId: randomUUID(),
    at: new Date().toISOString(),
    repository: { hostname, repository },
    ref,
    runId,
    detectionId: detection.id,
    commit,
    totalTargets: targets.length,
    targets: targets.slice(0, maxToldTargets).map(({ directory, terraformWorkspace, name, drift }) => ({
      target: { directory, terraformWorkspace, name },
      toAdd: drift?.toAdd ?? 0,
      toChange: drift?.toChange ?? 0,
      toDestroy: drift?.toDestroy ?? 0,
      toImport: drift?.toImport ?? 0,
      changesOutside: drift?.changesOutside ?? false,
      addresses: [],
      owner: null,
    })),
    reason: `drifted again ${relapses} times in a row soon after it was put right; it is left alone until somebody remediates it with action apply`,
  });
}
