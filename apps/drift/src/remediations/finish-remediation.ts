// The end of a remediation, whichever way it comes: what is left is failed, the targets are free again, it is told.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RemediationStatus } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { noteApplied } from '../persistence/remediated-targets.js';
import { failTheRest, type LiveTarget, listLiveTargets } from '../persistence/remediation-targets.js';
import { closeRemediation, endedLikeTheLast, type LiveRemediation, lockLive } from '../persistence/remediations.js';
import type { Transaction } from '../persistence/transaction.js';
import { tell } from '../telling/tell.js';
import { targetKey } from './target-key.js';
import { boundText, overallStatus } from './target-outcome.js';

const maxReasonChars = 1_000;

export interface Ending {
  /** Why it failed as a whole; null when only its targets can say. */
  readonly error: string | null;
  /** Why a target that has not ended by now can only fail. */
  readonly reasonFor: (target: LiveTarget) => string;
}

@Injectable()
export class FinishRemediation {
  constructor(private readonly context: DriftContext) {}

  /** Nothing happens when it is in another state by now. */
  async failWhile(id: string, status: RemediationStatus, reason: string): Promise<void> {
    await this.context.transaction(async (tx) => {
      const remediation = await lockLive(tx, id, [status]);
      if (remediation !== undefined) await this.end(tx, remediation, { error: reason, reasonFor: () => reason });
    });
  }

  /**
   * The remediation is locked. Nothing of a target that has ended is changed. Told, unless a schedule made it, nothing was
   * applied and the one before came to the same.
   */
  async end(tx: Transaction, remediation: LiveRemediation, ending: Ending): Promise<void> {
    const { id, action, origin, hostname, repository, ref, runId } = remediation;
    const before = await listLiveTargets(tx, id);
    const reasons = before.map((target) => ({ ordinal: target.ordinal, reason: ending.reasonFor(target) }));
    await failTheRest(tx, id, reasons);
    const targets = await listLiveTargets(tx, id);
    const outcomes = targets.map(({ status }) => ({ status: status === 'success' ? status : ('failed' as const) }));
    const status = overallStatus(outcomes);
    const reason = status !== 'success' && ending.error !== null ? boundText(ending.error, maxReasonChars) : null;
    await closeRemediation(tx, id, { status, error: reason });
    const applied = targets.filter((target) => target.applied === 'yes').map(targetKey);
    await noteApplied(tx, remediation, { targets: applied, by: origin });
    if (origin === 'automatic' && applied.length === 0 && (await endedLikeTheLast(tx, id))) return;
    const successCount = outcomes.filter((outcome) => outcome.status === 'success').length;
    await tell(tx, {
      kind: 'remediation.finished',
      eventId: randomUUID(),
      at: new Date().toISOString(),
      repository: { hostname, repository },
      ref,
      remediationId: id,
      runId,
      action,
      status,
      totalTargets: targets.length,
      successCount,
      failureCount: targets.length - successCount,
      reason,
    });
  }
}
