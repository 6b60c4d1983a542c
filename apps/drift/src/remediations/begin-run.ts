// pending → running: starts the run of a remediation, once, however often and by however many replicas this is tried.
import { Injectable } from '@nestjs/common';
import { isAppError, type RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { type LiveRemediation, lockLive, noteAttempt, noteRun } from '../persistence/remediations.js';
import { FinishRemediation } from './finish-remediation.js';
import { obstacleToApply } from './guard-apply.js';

/** `runs` knows an idempotency key for 24 h: after that, sending it again could start a second run. */
const keyIsSureForMs = 23 * 3_600_000;

@Injectable()
export class BeginRun {
  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
    private readonly finish: FinishRemediation,
  ) {}

  /** Resolves when the run is started, or cannot be for now: the worker tries again. */
  async begin(id: string): Promise<void> {
    const remediation = await this.prepare(id);
    if (remediation?.runRequest == null) return;
    let started: { runId: RunId; replayed: boolean };
    try {
      started = await this.mesh.call(runs.start, remediation.runRequest);
    } catch (error) {
      if (!isAppError(error) || error.code === 'INTERNAL') throw error;
      if (error.retryable) return this.context.logger.warn({ err: error, id }, 'a remediation waits for runs');
      return this.finish.failWhile(id, 'pending', error.message);
    }
    // Before the run is on record: whoever comes after a crash sees to it again.
    if (remediation.attemptedAt !== null) await this.stopIfUnwanted(remediation, started);
    await noteRun(this.context.manager, id, started.runId);
  }

  /** Undefined when there is nothing to start. What is decided here is on disk before anything is sent. */
  private async prepare(id: string): Promise<LiveRemediation | undefined> {
    return this.context.transaction(async (tx) => {
      const remediation = await lockLive(tx, id, ['pending']);
      if (remediation === undefined) return undefined;
      const { attemptedAt } = remediation;
      if (attemptedAt === null) {
        const obstacle = await this.obstacleTo(remediation, tx);
        if (obstacle === undefined) {
          await noteAttempt(tx, id);
          return remediation;
        }
        await this.finish.end(tx, remediation, { error: obstacle, reasonFor: () => obstacle });
        return undefined;
      }
      if (Date.now() - attemptedAt.getTime() < keyIsSureForMs) return remediation;
      const lost = lostText(remediation);
      await this.finish.end(tx, remediation, { error: lost, reasonFor: () => lost });
      return undefined;
    });
  }

  /** An earlier attempt came to nothing, and what spoke against the apply may have come up since. */
  private async stopIfUnwanted(
    remediation: LiveRemediation,
    { runId, replayed }: { runId: RunId; replayed: boolean },
  ): Promise<void> {
    const obstacle = await this.obstacleTo(remediation, this.context.manager);
    if (obstacle === undefined) return;
    // An apply that was started in time is not interrupted.
    if (replayed && (await this.isApplying(runId))) return;
    this.context.logger.warn({ id: remediation.id, runId, obstacle }, 'a late remediation is canceled');
    await this.mesh.call(runs.cancel, { runId });
  }

  private async isApplying(runId: RunId): Promise<boolean> {
    const { executions } = await this.mesh.call(runs.get, { runId });
    return executions.some(({ state }) => state === 'apply_intent' || state === 'applying');
  }

  private async obstacleTo(
    { action, origin }: LiveRemediation,
    manager: Parameters<typeof obstacleToApply>[0],
  ): Promise<string | undefined> {
    return action === 'apply' ? obstacleToApply(manager, origin, this.context) : undefined;
  }
}

function lostText({ attemptedAt, repository }: LiveRemediation): string {
  return `it is not known whether the run of this remediation was started at ${attemptedAt?.toISOString()}: a person must look at the runs of ${repository}`;
}
