// Resolves a run: fetch the ref, check out the commit, read atlantis.yaml, decide the targets, insert one execution each.
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isAppError, type Misfit, type Target } from '@terramesh/contracts';
import { isTransient } from '@terramesh/database';
import { Checkouts } from '../checkout/checkouts.js';
import { readRepoConfigFile } from '../checkout/directory.js';
import { Mirrors } from '../checkout/mirrors.js';
import { readModuleDirectories } from '../checkout/module-directories.js';
import { RunsContext } from '../context.js';
import { credentialsFor } from '../credentials.js';
import { idRandomBytes, newExecutionId } from '../domain/ids.js';
import { parseRepoConfig, RepoConfigError } from '../domain/repo-config.js';
import {
  type ResolvedTarget,
  resolveEveryTarget,
  resolveFittingTargets,
  resolveTargets,
} from '../domain/resolve-targets.js';
import { findRootModules } from '../domain/root-modules.js';
import { Doorbell } from '../doorbell.js';
import { ExecutionEntity } from '../persistence/execution.entity.js';
import {
  applyChange,
  insertExecutions,
  type NewExecution,
  StaleLeaseError,
} from '../persistence/execution.repository.js';
import { saveResult } from '../persistence/result.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { type Claim, getRunLocked, giveBackRun, startRunning } from '../persistence/run.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { shortProblem } from '../problem.js';
import { finish, settleRun } from '../settle-run.js';
import { FetchFailed, fetching } from './failure.js';
import type { HeldLease } from './leases.js';
import { LockClerk } from './lock-clerk.js';
import { checkoutKey } from './places.js';

@Injectable()
export class ResolveRun {
  constructor(
    private readonly context: RunsContext,
    private readonly mirrors: Mirrors,
    private readonly checkouts: Checkouts,
    private readonly clerk: LockClerk,
    private readonly doorbell: Doorbell,
  ) {}

  /**
   * Ends with the run running or finished, or back in the queue when it is not its fault. Of its executions that may be
   * claimed, as many as there are `places` are claimed by this worker: these are answered, with the run as it is then.
   */
  async resolve(run: RunEntity, held: HeldLease, places: (count: number) => number): Promise<Begun | undefined> {
    try {
      const { commit, targets, leftOut } = await this.targetsOf(run);
      const sound = targets.filter((resolved) => resolved.problem === null).map((resolved) => resolved.target);
      const fences = await this.clerk.ask(run, sound);
      const { hostId: owner, settings } = this.context;
      const claim = { owner, seconds: settings.leaseSeconds, count: run.kind === 'plan' ? places(fences.size) : 0 };
      const begun = await this.context.transaction((tx) =>
        begin(tx, held, { commit, targets, leftOut, sound, fences, claim }),
      );
      if (begun !== 'canceled') {
        if (begun.queued > 0) this.doorbell.queued('execution');
        return begun;
      }
      this.doorbell.finished(run.id);
      await this.clerk.withdraw(run, sound);
    } catch (error) {
      if (error instanceof StaleLeaseError || held.lost.aborted) throw error;
      await this.fail(held, error);
    }
    return undefined;
  }

  private async targetsOf(run: RunEntity): Promise<Pick<Resolved, 'commit' | 'targets' | 'leftOut'>> {
    const { hostname, repository, cloneUrl, ref } = run;
    const credentials = credentialsFor(this.context.settings, run.type);
    const { mirror, commit } = await fetching(this.mirrors.fetch({ hostname, repository, cloneUrl, ref, credentials }));
    if (run.expectedCommit !== null && run.expectedCommit !== commit) throw new RefMoved(run, commit);
    // The workspace most of its targets will ask for, so that they find the checkout made.
    const workspace = run.paths.find((path) => path.workspace !== '')?.workspace ?? 'default';
    const root = await fetching(this.checkouts.prepare({ mirror, commit, key: checkoutKey(run.id, workspace) }));
    const configText = await readRepoConfigFile(root);
    const config = configText === null ? null : parseRepoConfig(configText);
    if (run.everyTarget) {
      const targets = await resolveEveryTarget(config, async () => findRootModules(await readModuleDirectories(root)));
      return { commit, targets, leftOut: [] };
    }
    const request = { projects: run.projects, paths: run.paths, config };
    if (run.misfits === 'leave_out') return { commit, ...resolveFittingTargets(request) };
    return { commit, targets: resolveTargets(request), leftOut: [] };
  }

  private async fail(held: HeldLease, error: unknown): Promise<void> {
    await this.context.transaction(async (tx) => {
      const run = await getOwnedRunLocked(tx, held);
      if (run.cancelRequestedAt !== null) return finish(tx, run, 'canceled', null);
      if (isTransient(error)) return giveBackRun(tx, run.id);
      return finish(tx, run, 'failed', this.explain(error instanceof FetchFailed ? error.cause : error));
    });
    this.doorbell.finished(held.id);
  }

  private explain(error: unknown): { code: string; message: string } {
    if (error instanceof RefMoved) return { code: 'REF_MOVED', message: error.message };
    if (isAppError(error) && error.code !== 'INTERNAL') {
      const prefix = error instanceof RepoConfigError ? 'failed to build command: ' : '';
      return { code: error.code, message: this.context.mask(prefix + error.message) };
    }
    this.context.logger.error({ error }, 'a run could not be resolved');
    return { code: 'INTERNAL', message: 'internal error: see the log of the runs service' };
  }
}

/** The run was asked for on another commit than the one that its ref names now. */
class RefMoved extends Error {
  constructor({ ref, expectedCommit }: RunEntity, commit: string) {
    super(`ref "${ref}" moved: expected commit ${expectedCommit}, found ${commit}; nothing was planned`);
  }
}

interface Resolved {
  readonly commit: string;
  readonly targets: readonly ResolvedTarget[];
  readonly leftOut: readonly Misfit[];
  /** Those that can be planned; `fences` counts in them. */
  readonly sound: readonly Target[];
  readonly fences: ReadonlyMap<number, number>;
  readonly claim: Claim & { count: number };
}

/** A run that is running now, and those of its executions that this worker has claimed. */
export interface Begun {
  readonly run: RunEntity;
  readonly claimed: readonly ExecutionEntity[];
  /** How many of them are left to others. */
  readonly queued: number;
}

async function begin(tx: Transaction, held: HeldLease, resolved: Resolved): Promise<Begun | 'canceled'> {
  const { commit, targets, leftOut, sound, fences, claim } = resolved;
  const run = await getOwnedRunLocked(tx, held);
  if (run.cancelRequestedAt !== null) {
    await finish(tx, run, 'canceled', null);
    return 'canceled';
  }
  const executions = targets.map((one, ordinal): NewExecution => {
    const fence = fences.get(sound.indexOf(one.target)) ?? null;
    return { ...rowOf(run, one), ordinal, fence };
  });
  const firstTurn = run.kind === 'plan' ? null : 'its turn in the run';
  const claimed = await insertExecutions(tx, executions, { firstTurn, claim });
  const running = await startRunning(tx, { runId: run.id, commit, leftOut });
  for (const [ordinal, { problem }] of targets.entries()) {
    const id = executions[ordinal]?.id;
    if (problem !== null && id !== undefined) await failAtOnce(tx, id, problem);
  }
  if (run.kind === 'apply') await settleRun(tx, run.id);
  return { run: running, claimed, queued: targets.length - claimed.length };
}

function rowOf(run: RunEntity, resolved: ResolvedTarget): Omit<NewExecution, 'ordinal' | 'fence'> {
  return {
    id: newExecutionId(randomBytes(idRandomBytes)),
    runId: run.id,
    origin: run.origin,
    repositoryKey: `${run.hostname}/${run.repository}`.toLowerCase(),
    ...resolved.target,
    executionOrderGroup: resolved.executionOrderGroup,
    dependsOn: [...resolved.dependsOn],
  };
}

/** A target that can only fail takes no lock. */
async function failAtOnce(tx: Transaction, executionId: string, problem: string): Promise<void> {
  await saveResult(tx, { executionId, part: 'error', text: problem });
  await tx.update(ExecutionEntity, { id: executionId }, { lockState: 'none' });
  const row = await tx.findOneByOrFail(ExecutionEntity, { id: executionId });
  await applyChange(tx, row, { state: 'plan_failed', problem: shortProblem(problem) });
}

async function getOwnedRunLocked(tx: Transaction, held: HeldLease): Promise<RunEntity> {
  const run = await getRunLocked(tx, held.id);
  if (run.leaseEpoch !== held.epoch || run.status !== 'resolving') throw new StaleLeaseError(held.id, held.epoch);
  return run;
}
