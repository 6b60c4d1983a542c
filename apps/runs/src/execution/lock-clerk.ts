// Settles with apps/locks what the executions' rows ask for: take, give back, guard. Every step may be repeated, by any
// replica; the rows say what is left to do.
import { Injectable } from '@nestjs/common';
import {
  AppError,
  isAppError,
  type LockDecision,
  type LockHolder,
  type LockKey,
  locks,
  type Target,
} from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { RunsContext } from '../context.js';
import { isTerminal } from '../domain/execution-state.js';
import { lockHeldFailure, lockWaitTimedOutFailure, outcomeUnknownFailure } from '../domain/lock-failure.js';
import { Doorbell } from '../doorbell.js';
import type { ExecutionEntity, LockState } from '../persistence/execution.entity.js';
import { findExecutionsLocked } from '../persistence/execution.repository.js';
import {
  findRunsWithLockState,
  findStalledRuns,
  forgetKept,
  guardKeptAnew,
  recordGranted,
  recordInheritance,
  recordLockState,
  recordWaiting,
  waitedMs,
} from '../persistence/lock-work.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { getRunWithExecutions } from '../persistence/run.repository.js';
import { failQueued, type Settled, settleRun } from '../settle-run.js';

const batchSize = 50;

@Injectable()
export class LockClerk {
  /** One at a time per run: what comes in meanwhile is done by a second pass. */
  private readonly working = new Map<string, 'once' | 'again'>();

  constructor(
    private readonly context: RunsContext,
    private readonly mesh: Mesh,
    private readonly doorbell: Doorbell,
  ) {}

  /** Looks for all that is left to do; rejects with what the first failing run ran into. */
  async sweep(): Promise<void> {
    const states: LockState[] = ['releasing', 'guarding', 'wanted'];
    const runIds = new Set(await findStalledRuns(this.context.manager, batchSize));
    for (const state of states)
      for (const runId of await findRunsWithLockState(this.context.manager, state, batchSize)) runIds.add(runId);
    const results = await Promise.allSettled([...runIds].map((runId) => this.settle(runId)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Guards kept locks anew, and forgets those that were deleted while nobody here heard of it. */
  async recheckKept(): Promise<void> {
    await guardKeptAnew(this.context.manager);
    await this.sweep();
  }

  /**
   * Asks for the locks of a run before its executions are on record; answers the fences of those that are granted at once,
   * by the position of their target. The rest is for `settle`, and so is everything when apps/locks does not answer.
   */
  async ask(run: RunEntity, targets: readonly Target[]): Promise<Map<number, number>> {
    if (targets.length === 0) return new Map();
    const keys = targets.map((target) => ({ hostname: run.hostname, repository: run.repository, ...target }));
    try {
      const { decisions } = await this.mesh.call(locks.acquire, { ...requestOf(run), keys });
      const granted = decisions.flatMap((decision, index): [number, number][] =>
        decision.decision === 'granted' ? [[index, decision.fence]] : [],
      );
      return new Map(granted);
    } catch (error) {
      this.context.logger.warn({ runId: run.id, error: String(error) }, 'locks are asked for later');
      return new Map();
    }
  }

  /** Takes back what `ask` asked for a run that ended meanwhile; what fails here is swept by apps/locks. */
  async withdraw(run: RunEntity, targets: readonly Target[]): Promise<void> {
    if (targets.length === 0) return;
    const keys = targets.map((target) => ({ hostname: run.hostname, repository: run.repository, ...target }));
    await this.mesh.call(locks.release, { holder: holderOf(run), keys });
  }

  /** Brings one run forward as far as its locks allow. */
  async settle(runId: string): Promise<void> {
    if (this.working.has(runId)) {
      this.working.set(runId, 'again');
      return;
    }
    try {
      do {
        this.working.set(runId, 'once');
        await this.settleOnce(runId);
      } while (this.working.get(runId) === 'again');
    } finally {
      this.working.delete(runId);
    }
  }

  private async settleOnce(runId: string): Promise<void> {
    for (;;) {
      const { run, executions } = await getRunWithExecutions(this.context.manager, runId);
      const work = { run, holder: holderOf(run) };
      const wanted = executions.filter((one) => one.lockState === 'wanted');
      if (wanted.length > 0) await this.acquire(work, wanted);
      for (const one of executions.filter((one) => one.lockState === 'guarding')) await this.guard(work, one);
      const released = await this.release(work, executions);
      // Plans wait for nobody: while one of them is not over there is nothing to decide, and its own end comes here too.
      const live = run.kind === 'plan' && executions.some((one) => !isTerminal(one.state));
      if (live && released.length === 0) return;
      const settled = await this.context.transaction(async (tx): Promise<Settled> => {
        if (released.length > 0) await recordLockState(tx, { executionIds: released, from: 'releasing', to: 'none' });
        return live ? 'unchanged' : settleRun(tx, runId);
      });
      if (settled === 'work') this.doorbell.queued('execution');
      if (settled === 'finished') this.doorbell.finished(runId);
      else if (settled !== 'unchanged') this.doorbell.activity(runId);
      if (settled !== 'locks') return;
    }
  }

  private async acquire(work: { run: RunEntity; holder: LockHolder }, wanted: ExecutionEntity[]): Promise<void> {
    const { run } = work;
    const keys = wanted.map((execution) => lockKeyOf(run, execution));
    const { decisions } = await this.mesh.call(locks.acquire, { ...requestOf(run), keys });
    const decided = wanted.map((execution, index) => {
      const decision = decisions[index];
      if (decision === undefined) throw new AppError('INTERNAL', `apps/locks did not decide on ${execution.directory}`);
      return { execution, decision };
    });
    const fences = new Map<string, number>();
    for (const { execution, decision } of decided)
      if (decision.decision === 'granted') fences.set(execution.id, decision.fence);
    await this.take(work, wanted, fences);
    if (fences.size === wanted.length) return;
    const waited = await waitedMs(
      this.context.manager,
      wanted.map((one) => one.id),
    );
    for (const { execution, decision } of decided)
      if (decision.decision !== 'granted') await this.wait(work, execution, decision, waited.get(execution.id) ?? 0);
  }

  private async take(
    work: { run: RunEntity; holder: LockHolder },
    executions: ExecutionEntity[],
    fences: ReadonlyMap<string, number>,
  ): Promise<void> {
    if (fences.size === 0) return;
    const waitingFor = work.run.kind === 'plan' ? null : 'its turn in the run';
    const unneeded = await recordGranted(this.context.manager, { fences, waitingFor });
    const keys = executions.filter((one) => unneeded.includes(one.id)).map((one) => lockKeyOf(work.run, one));
    if (keys.length > 0) await this.mesh.call(locks.release, { holder: work.holder, keys });
    this.doorbell.queued('execution');
  }

  private async wait(
    work: { run: RunEntity; holder: LockHolder },
    execution: ExecutionEntity,
    decision: Exclude<LockDecision, { decision: 'granted' }>,
    waited: number,
  ): Promise<void> {
    const { run } = work;
    const { type } = run;
    // `withheld` is for a run that wants all its locks or none; the setting for that comes with the full atlantis.yaml.
    if (decision.decision !== 'waiting') return this.fail(execution, lockHeldFailure({ type, holder: decision.by }));
    if (decision.guard === 'outcome_unknown') {
      if (run.kind === 'plan') return this.takeOver(work, execution);
      const lockName = nameOf(lockKeyOf(run, execution)).slice(run.hostname.length + 1);
      return this.fail(execution, outcomeUnknownFailure({ type, holder: decision.behind, lockName }));
    }
    if (waited > this.context.settings.lockWaitSeconds * 1000)
      return this.fail(execution, lockWaitTimedOutFailure({ type, holder: decision.behind, waitedMs: waited }));
    const who =
      decision.behind.kind === 'run' ? `run ${decision.behind.runId}` : `pull request ${decision.behind.pull}`;
    await recordWaiting(this.context.manager, execution.id, `its lock, held by ${who}`);
  }

  /** A fresh plan may look at what a lost apply left behind. Its inheritance is on record before it happens. */
  private async takeOver(work: { run: RunEntity; holder: LockHolder }, execution: ExecutionEntity): Promise<void> {
    const key = lockKeyOf(work.run, execution);
    await recordInheritance(this.context.manager, execution.id);
    try {
      const { fence } = await this.mesh.call(locks.takeOver, { holder: work.holder, key });
      await forgetKept(this.context.manager, key, execution.id);
      await this.take(work, [execution], new Map([[execution.id, fence]]));
    } catch (error) {
      // Not first in line, or no longer unknown: it waits like everybody else.
      if (!isAppError(error) || error.code !== 'CONFLICT') throw error;
    }
  }

  private async fail(execution: ExecutionEntity, failure: string): Promise<void> {
    await this.context.transaction(async (tx) => {
      const siblings = await findExecutionsLocked(tx, execution.runId);
      const current = siblings.find((one) => one.id === execution.id);
      if (current?.state === 'queued' && current.lockState === 'wanted') await failQueued(tx, current, failure);
    });
    this.working.set(execution.runId, 'again');
  }

  /** Gives back what is to be given back; answers the executions it was for. */
  private async release(
    work: { run: RunEntity; holder: LockHolder },
    executions: readonly ExecutionEntity[],
  ): Promise<string[]> {
    const releasing = executions.filter((one) => one.lockState === 'releasing');
    if (releasing.length === 0) return [];
    const keys = releasing.map((execution) => lockKeyOf(work.run, execution));
    await this.mesh.call(locks.release, { holder: work.holder, keys });
    return releasing.map((one) => one.id);
  }

  private async guard(work: { run: RunEntity; holder: LockHolder }, execution: ExecutionEntity): Promise<void> {
    const key = lockKeyOf(work.run, execution);
    const change = (to: LockState) =>
      recordLockState(this.context.manager, { executionIds: [execution.id], from: 'guarding', to });
    try {
      const fence = execution.lockFence ?? 0;
      await this.mesh.call(locks.guard, { holder: work.holder, key, fence, guard: 'outcome_unknown' });
      await change('kept');
    } catch (error) {
      if (!isAppError(error) || error.code !== 'CONFLICT') throw error;
      // It is not ours to guard: somebody deleted it, or it was never granted.
      await change('releasing');
      this.working.set(execution.runId, 'again');
    }
  }
}

function holderOf(run: RunEntity): LockHolder {
  return { kind: 'run', runId: run.id, pull: run.pull };
}

function requestOf(run: RunEntity): { holder: LockHolder; user: string; reason: string } {
  return { holder: holderOf(run), user: run.userName, reason: run.kind };
}

export function lockKeyOf(run: RunEntity, execution: ExecutionEntity): LockKey {
  return {
    hostname: run.hostname,
    repository: run.repository,
    directory: execution.directory,
    terraformWorkspace: execution.terraformWorkspace,
    name: execution.name,
  };
}

function nameOf(key: LockKey): string {
  return `${key.hostname}/${key.repository}/${key.directory}/${key.terraformWorkspace}/${key.name}`;
}
