// Plans one target: place → terraform plan → terraform show → bundle and result in one transaction.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { PlanSummary } from '@terramesh/contracts';
import { driftedResources, planArgs, planText, showPlanArgs, summarizePlan, type Tool } from '@terramesh/terraform';
import { diskFullError } from '../checkout/disk-full.js';
import { RunsContext } from '../context.js';
import { limitsBreach } from '../domain/apply-limits.js';
import { Doorbell } from '../doorbell.js';
import { type StoredDrift, saveDrift } from '../persistence/drift.repository.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import { StaleLeaseError } from '../persistence/execution.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { shortProblem } from '../problem.js';
import { type Bundle, lockFileName, planFileName } from '../store/bundle.js';
import { BUNDLE_STORE, type PlanBundles } from '../store/bundle-store.token.js';
import { ExecutionWriter, explain } from './execution-writer.js';
import { ExecutionEnded, ExecutionFailed, requireExit } from './failure.js';
import { readIfThere } from './files.js';
import type { HeldLease } from './leases.js';
import { LogWriter } from './log-writer.js';
import { type Place, Places } from './places.js';
import { readText, runInTurn, stepFolder } from './terraform-step.js';
import { Tools } from './tools.js';

interface Planned {
  readonly summary: PlanSummary;
  readonly drift: StoredDrift;
  readonly hasChanges: 'changes' | 'no_changes';
  readonly text: string;
  readonly bundle: Bundle;
}

/** Exit codes of `terraform plan -detailed-exitcode`: no changes, changes. */
const planExitCodes = [0, 2];
/** Plan JSON beyond this is refused rather than parsed. */
const maxPlanJsonBytes = 512 * 1024 * 1024;

@Injectable()
export class ExecutePlan {
  constructor(
    private readonly context: RunsContext,
    private readonly places: Places,
    private readonly writer: ExecutionWriter,
    private readonly doorbell: Doorbell,
    private readonly tools: Tools,
    @Inject(BUNDLE_STORE) private readonly bundles: PlanBundles,
  ) {}

  /** Leaves the execution in a state that is true, whatever happens, or leaves it to whoever owns it now. */
  async execute(run: RunEntity, execution: ExecutionEntity, held: HeldLease): Promise<void> {
    const log = new LogWriter(this.context, this.doorbell, run.id, held.lease, this.context.mask);
    try {
      const planned = await this.plan(run, execution, held, log);
      await this.writer.surely(held.id, () => log.flush());
      await this.record(run, held, planned);
    } catch (error) {
      await this.end(run, held, log, error);
    }
  }

  private async plan(run: RunEntity, execution: ExecutionEntity, held: HeldLease, log: LogWriter): Promise<Planned> {
    const tool = await this.tools.get();
    const commit = run.commit ?? '';
    const signals = [held.stop, held.lost];
    let state = execution.state;
    const onCold = async () => {
      if (state === 'leased') await this.writer.write(held, run.id, { state: 'preparing' });
      state = 'preparing';
    };
    const epoch = held.epoch;
    const place = await this.places.prepare({ run, execution, epoch, commit, tool, log, signals, onCold });
    throwIfEnded(held);
    // Side by side with Terraform's start: a plan changes nothing, so nobody has to know of it first.
    const noted = this.writer.write(held, run.id, { state: 'planning' });
    // While Terraform plans, this process has little else to do.
    noted.then(() => this.places.foresee({ run, execution })).catch(() => {});
    const folder = (name: string) => stepFolder(this.context.folders.executions, execution.id, epoch, name);
    const planFile = folder(planFileName);
    const settings = this.context.settings;
    const timeoutMs = settings.planTimeoutSeconds * 1000;
    const lockTimeoutMs = settings.stateLockTimeoutSeconds * 1000;
    const { launcher } = this.context;
    const step = { launcher, tool, cwd: place.directory, env: place.env, timeoutMs, signals, log };
    const steps = await runInTurn(
      { ...step, args: planArgs({ out: planFile, lockTimeoutMs }), folder: folder('plan'), output: 'merged' },
      planExitCodes,
      { ...step, args: showPlanArgs({ planFile }), folder: folder('show'), output: 'separate' },
    );
    const result = await steps.first;
    await noted;
    await requireExit(`${tool.distribution} plan`, result, timeoutMs, planExitCodes);
    // Beside Terraform: what is known already. Lines that cannot be stored now are stored at the end.
    const storing = result.text.then(() => log.flush()).catch(() => {});
    const bundling = bundleOf({ commit, tool, execution, place, planFile });
    const [show, bundle] = await Promise.all([steps.second, bundling, storing]);
    await requireExit(`${tool.distribution} show`, show, timeoutMs, [0]);
    const text = planText(await result.text);
    const planJson = await readPlanJson(folder('show'));
    return {
      summary: summarizePlan(planJson, text),
      drift: driftedResources(planJson, this.context.mask),
      hasChanges: result.exit.code === 2 ? 'changes' : 'no_changes',
      text,
      bundle,
    };
  }

  private async record(run: RunEntity, held: HeldLease, planned: Planned): Promise<void> {
    const next = run.kind === 'apply' ? 'apply_queued' : 'planned';
    const state = planned.hasChanges === 'changes' ? next : 'no_changes';
    const breach = run.limits === null ? null : limitsBreach(planned.summary, run.limits);
    if (state === 'apply_queued' && breach !== null) return this.refuse(run, held, planned, breach);
    await this.writer.writeSurely(
      held,
      run.id,
      { state, plan: planned.summary },
      { plan_output: planned.text },
      async (tx) => {
        await saveDrift(tx, held.id, planned.drift);
        // Nobody will apply the plan of a detection, and there are many of them.
        if (run.kind === 'plan' && run.origin === 'drift') return undefined;
        return { bundleId: await this.bundles.put(tx, held.id, planned.bundle) };
      },
    );
    if (state === 'apply_queued') this.doorbell.queued('execution');
  }

  /** The plan stays to be looked at, and cannot be applied: it is not kept as a file. */
  private async refuse(run: RunEntity, held: HeldLease, planned: Planned, failure: string): Promise<void> {
    await this.writer.writeSurely(
      held,
      run.id,
      { state: 'plan_failed', plan: planned.summary, problem: shortProblem(failure) },
      { plan_output: planned.text, failure },
      async (tx) => {
        await saveDrift(tx, held.id, planned.drift);
        return undefined;
      },
    );
  }

  /** A full disk keeps Terraform from saying so itself. */
  private async withDisk(failed: ExecutionFailed): Promise<ExecutionFailed> {
    const full = await diskFullError(this.context.folders.executions, failed);
    return full === null ? failed : new ExecutionFailed(`${full.message}\n${failed.message}`, failed.part);
  }

  private async end(run: RunEntity, held: HeldLease, log: LogWriter, error: unknown): Promise<void> {
    if (error instanceof StaleLeaseError) throw error;
    await this.writer.surely(held.id, () => log.flush()).catch(() => {});
    if (error instanceof ExecutionEnded && error.by === 'cancel')
      return this.writer.writeSurely(held, run.id, { state: 'canceled', problem: 'canceled while it was planned' });
    const failed = error instanceof ExecutionEnded ? undefined : explain(error, this.context);
    if (failed !== undefined) return this.writer.fail(held, run.id, 'plan_failed', await this.withDisk(failed));
    // Not its fault: a shutdown, or a part of ours that is or was away. A plan can always be made again.
    await this.writer.writeSurely(held, run.id, { state: 'queued' });
    this.doorbell.queued('execution');
  }
}

function throwIfEnded(held: HeldLease): void {
  if (held.lost.aborted) throw new ExecutionEnded('lost');
  if (held.stop.aborted) throw new ExecutionEnded(held.stop.reason);
}

async function readPlanJson(folder: string): Promise<unknown> {
  const text = await readText('stdout', folder, maxPlanJsonBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ExecutionFailed(`the plan cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

async function bundleOf(planned: {
  commit: string;
  tool: Tool;
  execution: ExecutionEntity;
  place: Place;
  planFile: string;
}): Promise<Bundle> {
  const { commit, tool, execution, place, planFile } = planned;
  const files = new Map([[planFileName, await readFile(planFile)]]);
  const lockFile = await readIfThere(join(place.directory, lockFileName));
  if (lockFile !== undefined) files.set(lockFileName, lockFile);
  const { directory, terraformWorkspace } = execution;
  const meta = { commit, distribution: tool.distribution, toolVersion: tool.version, directory, terraformWorkspace };
  return { meta, files };
}
