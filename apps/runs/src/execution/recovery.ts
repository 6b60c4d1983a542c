// What a restarted worker does about its own past: ends plans that nobody watches, takes over applies that still run.
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { isTransient } from '@terramesh/database';
import { type Adoption, adoptProcess, killGroupIfAlive } from '@terramesh/terraform';
import { Checkouts } from '../checkout/checkouts.js';
import { resolveTargetDirectory } from '../checkout/directory.js';
import { RunsContext } from '../context.js';
import { afterLostWorker } from '../domain/execution-state.js';
import { Doorbell } from '../doorbell.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import { adopt, findExecution, findLostLocked } from '../persistence/execution.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { getRun, requeueLostRuns } from '../persistence/run.repository.js';
import { ApplyWatch } from './apply-watch.js';
import { ExecutionWriter } from './execution-writer.js';
import { exists, foldersIn } from './files.js';
import { keptStatePath } from './kept-state.js';
import { type HeldLease, Leases } from './leases.js';
import { LogWriter } from './log-writer.js';
import { LostWorkers } from './lost-workers.js';
import { checkoutKey, dataDirName } from './places.js';
import { Worker } from './worker.js';

@Injectable()
export class RecoveryParts {
  constructor(
    readonly leases: Leases,
    readonly doorbell: Doorbell,
    readonly checkouts: Checkouts,
    private readonly writer: ExecutionWriter,
  ) {}

  /** The process was found, so it was started, whatever the record had come to. */
  markApplying(held: HeldLease, runId: string): Promise<void> {
    return this.writer.writeSurely(held, runId, { state: 'applying' });
  }
}

@Injectable()
export class Recovery {
  constructor(
    private readonly context: RunsContext,
    private readonly worker: Worker,
    private readonly lostWorkers: LostWorkers,
    private readonly watch: ApplyWatch,
    private readonly parts: RecoveryParts,
  ) {}

  /** Runs once, before the worker claims anything. */
  async recover(): Promise<void> {
    await this.endOrphans();
    const owner = this.context.hostId;
    await this.context.transaction((tx) => requeueLostRuns(tx, { owner }));
    const mine = await this.context.transaction((tx) => findLostLocked(tx, { owner }));
    for (const row of mine) {
      const adoption = afterLostWorker(row.state) === 'outcome_unknown' ? await this.findApply(row) : undefined;
      if (adoption === undefined || adoption.status === 'lost') continue;
      await this.takeOver(row, adoption);
    }
    await this.lostWorkers.settle({ owner, except: this.parts.leases.all.map((held) => held.id) });
    await this.salvage();
  }

  /** What applies write here whose outcome is on record as unknown: the state is kept, the record stands. */
  private async salvage(): Promise<void> {
    for (const executionId of await foldersIn(this.context.folders.executions)) {
      const row = await findExecution(this.context.manager, executionId);
      if (row?.state !== 'outcome_unknown') continue;
      try {
        await this.salvageOne(row);
      } catch (error) {
        if (isTransient(error)) throw error;
        // One that cannot be kept must not keep this worker from everybody else's work.
        this.watch.holdFiles(row.id);
        this.context.logger.error(
          { error, executionId: row.id },
          'the state of a lost apply was not kept; its files stay',
        );
      }
    }
  }

  private async salvageOne(row: ExecutionEntity): Promise<void> {
    const found = await this.findApply(row);
    // Without a checkout there is nothing to keep: it went when its run was cleared.
    if (found === undefined || (await this.parts.checkouts.isGone(checkoutKeyOf(row)))) return;
    const run = await getRun(this.context.manager, row.runId);
    const apply = { run, execution: row, ...(await this.placeOf(run, row)) };
    if (found.status === 'running') this.watch.salvageAtTheEnd({ ...apply, child: found.child });
    else await this.watch.salvage(apply);
  }

  /** Processes of plans whose worker is gone: nobody will read what they find out. */
  private async endOrphans(): Promise<void> {
    const { executions } = this.context.folders;
    for (const executionId of await foldersIn(executions))
      for (const epoch of await foldersIn(join(executions, executionId)))
        for (const step of await foldersIn(join(executions, executionId, epoch)))
          if (step !== 'apply') await killGroupIfAlive(join(executions, executionId, epoch, step));
  }

  private async findApply(row: ExecutionEntity): Promise<Adoption | undefined> {
    const folder = await this.applyFolder(row);
    return folder === undefined ? undefined : adoptProcess(folder);
  }

  private async takeOver(row: ExecutionEntity, adoption: Exclude<Adoption, { status: 'lost' }>): Promise<void> {
    const { settings, hostId: owner } = this.context;
    const folder = (await this.applyFolder(row)) ?? '';
    const lease = await this.context.transaction((tx) => adopt(tx, row, { owner, seconds: settings.leaseSeconds }));
    if (lease === undefined) return;
    const held = this.parts.leases.hold('execution', row.id, lease.epoch);
    held.outliveSilence();
    this.context.logger.info({ executionId: row.id, status: adoption.status }, 'took over an apply');
    this.worker.adopt(held, row.runId, () => this.follow(row, held, folder, adoption));
  }

  private async follow(
    row: ExecutionEntity,
    held: HeldLease,
    folder: string,
    adoption: Exclude<Adoption, { status: 'lost' }>,
  ): Promise<void> {
    const run = await getRun(this.context.manager, row.runId);
    const log = new LogWriter(this.context, this.parts.doorbell, run.id, held.lease, this.context.mask);
    log.write(['… the worker was restarted and goes on with this apply; lines may repeat from here']);
    const apply = { run, execution: row, held, log, folder, ...(await this.placeOf(run, row)) };
    if (row.state === 'apply_intent') await this.parts.markApplying(held, run.id);
    if (adoption.status === 'running') return this.watch.toTheEnd({ ...apply, child: adoption.child });
    return this.watch.record(apply, adoption.exit, null);
  }

  private async placeOf(
    run: RunEntity,
    row: ExecutionEntity,
  ): Promise<{ directory: string; keptState: string | null }> {
    const root = await this.parts.checkouts.pathOf(checkoutKeyOf(row));
    const directory = await resolveTargetDirectory(root, row.directory);
    const dataDir = join(this.context.folders.dataDirs, dataDirName(run, row));
    const { terraformWorkspace } = row;
    return { directory, keptState: await keptStatePath({ root, directory, dataDir, terraformWorkspace }) };
  }

  /** Named after the epoch that started it; an execution is applied at most once, so there is at most one. */
  private async applyFolder(row: ExecutionEntity): Promise<string | undefined> {
    const root = join(this.context.folders.executions, row.id);
    for (const epoch of await foldersIn(root)) {
      const folder = join(root, epoch, 'apply');
      if (await exists(folder)) return folder;
    }
    return undefined;
  }
}

function checkoutKeyOf({ runId, terraformWorkspace }: ExecutionEntity): string {
  return checkoutKey(runId, terraformWorkspace);
}
