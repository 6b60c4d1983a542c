// Applies one planned target. `apply_intent` is committed before Terraform starts; from then on nobody applies it again.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { locks } from '@terramesh/contracts';
import { sqlStateOf } from '@terramesh/database';
import { Mesh } from '@terramesh/mesh';
import { applyArgs, startProcess } from '@terramesh/terraform';
import { RunsContext } from '../context.js';
import { Doorbell } from '../doorbell.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import { StaleLeaseError } from '../persistence/execution.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { bundleMismatch, lockFileName, planFileName } from '../store/bundle.js';
import { BUNDLE_STORE, type PlanBundles } from '../store/bundle-store.token.js';
import { ApplyWatch } from './apply-watch.js';
import { ExecutionWriter, explain } from './execution-writer.js';
import { ExecutionEnded, ExecutionFailed } from './failure.js';
import { readIfThere } from './files.js';
import { restoreState } from './kept-state.js';
import { type HeldLease, Leases } from './leases.js';
import { lockKeyOf } from './lock-clerk.js';
import { LogWriter } from './log-writer.js';
import { type Place, Places } from './places.js';
import { stepFolder } from './terraform-step.js';
import { Tools } from './tools.js';

const uniqueViolation = '23505';

interface Work {
  readonly run: RunEntity;
  readonly execution: ExecutionEntity;
  readonly held: HeldLease;
  readonly log: LogWriter;
}

/** `intended`: the record may say that it is about to start, and nothing ran. `perhaps`: Terraform may have been started. */
type Started = 'no' | 'intended' | 'perhaps';

const tooLate = new ExecutionFailed(
  'nothing was applied: the database was away when Terraform was about to be started. Apply again.',
);

/** What an apply needs of this service besides places and bundles. */
@Injectable()
export class ApplyParts {
  constructor(
    readonly writer: ExecutionWriter,
    readonly watch: ApplyWatch,
    readonly tools: Tools,
    readonly leases: Leases,
    readonly doorbell: Doorbell,
  ) {}
}

@Injectable()
export class ExecuteApply {
  constructor(
    private readonly context: RunsContext,
    private readonly mesh: Mesh,
    private readonly places: Places,
    private readonly parts: ApplyParts,
    @Inject(BUNDLE_STORE) private readonly bundles: PlanBundles,
  ) {}

  async execute(run: RunEntity, execution: ExecutionEntity, held: HeldLease): Promise<void> {
    const log = new LogWriter(this.context, this.parts.doorbell, run.id, held.lease, this.context.mask);
    const work: Work = { run, execution, held, log };
    let started: Started = 'no';
    try {
      const place = await this.prepare(work);
      await this.permit(work);
      const folder = stepFolder(this.context.folders.executions, execution.id, held.epoch, 'apply');
      throwUnlessMine(held, this.parts.leases);
      started = 'intended';
      await this.intend(held, run.id);
      // Nobody else can change this state now: what another apply made of it since the plan is what Terraform must see,
      // and it refuses a plan that has gone stale.
      if (place.keptState !== null) await restoreState(this.context, run, execution, place.keptState);
      // From here on a cancel interrupts Terraform; only a lease that may be gone keeps it from being started.
      if (!this.parts.leases.isFresh(held)) throw new ExecutionEnded('lost');
      started = 'perhaps';
      await this.apply(work, place, folder);
    } catch (error) {
      await this.end(work, started, error);
    }
  }

  /** The plan as it was made, in a checkout of its commit, with the same tool. Throws ExecutionFailed on any mismatch. */
  private async prepare({ run, execution, held, log }: Work): Promise<Place> {
    const tool = await this.parts.tools.get();
    const commit = run.commit ?? '';
    const { directory, terraformWorkspace } = execution;
    const bundle = await this.bundles.get(execution.id, execution.bundleId ?? '');
    const here = { commit, distribution: tool.distribution, toolVersion: tool.version, directory, terraformWorkspace };
    const mismatch = bundleMismatch(bundle.meta, here);
    if (mismatch !== null) throw new ExecutionFailed(`the plan cannot be applied: ${mismatch}`);
    const signals = [held.stop, held.lost];
    const onCold = async () => {};
    const place = await this.places.prepare({ run, execution, epoch: held.epoch, commit, tool, log, signals, onCold });
    const lockFile = bundle.files.get(lockFileName);
    const lockHere = await readIfThere(join(place.directory, lockFileName));
    if (lockFile !== undefined && lockHere !== undefined && !lockFile.equals(lockHere))
      throw new ExecutionFailed(`the plan cannot be applied: ${lockFileName} is not the one it was made with`);
    await mkdir(dirname(this.planFile(execution, held)), { recursive: true, mode: 0o700 });
    for (const [name, content] of bundle.files) {
      const path = name === planFileName ? this.planFile(execution, held) : join(place.directory, name);
      await writeFile(path, content, { mode: 0o600 });
    }
    return place;
  }

  /** Asks for what can forbid an apply at the last moment: the global apply lock and the lock of the target. */
  private async permit({ run, execution }: Work): Promise<void> {
    const { since } = await this.mesh.call(locks.getApplyLock, {});
    if (since !== null) throw new ExecutionFailed(`apply is disabled globally since ${since}`, 'failure');
    const holder = { kind: 'run' as const, runId: run.id, pull: run.pull };
    const fence = execution.lockFence ?? 0;
    try {
      await this.mesh.call(locks.guard, { holder, key: lockKeyOf(run, execution), fence, guard: 'applying' });
    } catch (error) {
      throw error instanceof Error && 'code' in error && error.code === 'CONFLICT'
        ? new ExecutionFailed(
            'the lock of this target was deleted, and its plan with it: nothing was applied',
            'failure',
          )
        : error;
    }
  }

  /** Throws StateInUse while another target's apply works on the same state. */
  private async intend(held: HeldLease, runId: string): Promise<void> {
    try {
      await this.parts.writer.writeSurely(held, runId, { state: 'apply_intent' });
    } catch (error) {
      throw sqlStateOf(error) === uniqueViolation ? new StateInUse() : error;
    }
  }

  private async apply(work: Work, place: Place, folder: string): Promise<void> {
    const { run, execution, held } = work;
    const tool = await this.parts.tools.get();
    const lockTimeoutMs = this.context.settings.stateLockTimeoutSeconds * 1000;
    const child = await startProcess({
      executable: tool.executable,
      args: applyArgs({ planFile: this.planFile(execution, held), lockTimeoutMs }),
      cwd: place.directory,
      env: place.env,
      directory: folder,
      survives: true,
    });
    held.outliveSilence();
    await this.parts.writer.writeSurely(held, run.id, { state: 'applying' });
    await this.parts.watch.toTheEnd({ ...work, child, folder, directory: place.directory, keptState: place.keptState });
  }

  private async end({ run, held, log }: Work, started: Started, error: unknown): Promise<void> {
    if (error instanceof StaleLeaseError) throw error;
    const { writer, doorbell } = this.parts;
    await writer.surely(held.id, () => log.flush()).catch(() => {});
    const ended = error instanceof ExecutionEnded ? error.by : undefined;
    const nothingRan = started !== 'perhaps' || (error instanceof Error && error.name === 'SpawnError');
    if (!nothingRan) {
      // Terraform may have been started: the record must not say otherwise. The lease runs out, and a restart of this
      // worker finds the process.
      this.context.logger.error({ error, executionId: held.id }, 'an apply is no longer watched');
      return;
    }
    if (ended === 'cancel')
      return writer.writeSurely(held, run.id, { state: 'canceled', problem: 'canceled before it was applied' });
    const waits = ended !== undefined || error instanceof StateInUse;
    const failed = waits ? undefined : explain(error, this.context);
    if (failed !== undefined) return writer.fail(held, run.id, 'apply_failed', failed);
    // Whether the intent is on record or not: it is never taken back. Where it was refused, it is not.
    if (started !== 'no' && !(error instanceof StateInUse)) return writer.fail(held, run.id, 'apply_failed', tooLate);
    await writer.giveBack(held, run.id);
    doorbell.queued('execution');
  }

  private planFile(execution: ExecutionEntity, held: HeldLease): string {
    return stepFolder(this.context.folders.executions, execution.id, held.epoch, planFileName);
  }
}

/** execution_one_apply: two targets of one directory and workspace have one state, whatever they are called. */
class StateInUse extends Error {}

function throwUnlessMine(held: HeldLease, leases: Leases): void {
  if (held.stop.aborted) throw new ExecutionEnded(held.stop.reason);
  if (!leases.isFresh(held)) throw new ExecutionEnded('lost');
}
