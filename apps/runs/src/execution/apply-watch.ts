// Watches a running apply to its end and records how it ended: for the worker that started it, and for one that took it
// over after a restart.
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { ResultPart } from '@terramesh/contracts';
import { type Child, type Exit, outputFiles } from '@terramesh/terraform';
import { RunsContext } from '../context.js';
import { applyEnd } from '../domain/apply-end.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import { type ExecutionChange, StaleLeaseError } from '../persistence/execution.repository.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { shortProblem } from '../problem.js';
import { ExecutionWriter } from './execution-writer.js';
import { copyIfThere, exists } from './files.js';
import { keepState } from './kept-state.js';
import type { HeldLease } from './leases.js';
import type { LogWriter } from './log-writer.js';
import { awaitEnd, follow, readText, type StepEnd } from './terraform-step.js';

export interface WatchedApply {
  readonly run: RunEntity;
  readonly execution: ExecutionEntity;
  readonly held: HeldLease;
  readonly log: LogWriter;
  readonly child: Child;
  readonly folder: string;
  readonly directory: string;
  readonly keptState: string | null;
}

type Salvaged = Pick<WatchedApply, 'run' | 'execution' | 'keptState'>;

@Injectable()
export class ApplyWatch {
  private readonly watched = new Map<string, Child>();
  private readonly unsafe = new Set<string>();

  constructor(
    private readonly context: RunsContext,
    private readonly writer: ExecutionWriter,
  ) {}

  /** True while Terraform applies this execution on this host, or what it wrote is not safe yet. */
  isWatching(executionId: string): boolean {
    return this.watched.has(executionId) || this.unsafe.has(executionId);
  }

  /** What this apply wrote could not be kept: its files stay until the next start of this process, which tries again. */
  holdFiles(executionId: string): void {
    this.unsafe.add(executionId);
  }

  /** Resolves when the end is on record, or when this process is to stop: then Terraform goes on without it. */
  async toTheEnd(apply: WatchedApply): Promise<void> {
    this.watched.set(apply.execution.id, apply.child);
    try {
      await this.watchAndRecord(apply);
    } finally {
      this.watched.delete(apply.execution.id);
    }
  }

  /** For an apply that goes on though its outcome is on record as unknown. Until `stop`; the next start finds it again. */
  salvageAtTheEnd(apply: Salvaged & Pick<WatchedApply, 'child'>): void {
    const { child, execution } = apply;
    this.watched.set(execution.id, child);
    const salvaged = child.exited.then(() => this.salvage(apply));
    const failed = (error: unknown) =>
      this.context.logger.error({ error, executionId: execution.id }, 'the state of a lost apply was not kept');
    void salvaged.catch(failed).finally(() => this.watched.delete(execution.id));
  }

  /** Applies that still run are left to themselves. */
  stop(): void {
    for (const child of this.watched.values()) child.release();
  }

  private async watchAndRecord(apply: WatchedApply): Promise<void> {
    const { child, folder, held, log } = apply;
    const leaving = new AbortController();
    const following = follow({ path: outputFiles(folder).merged, ended: child.exited, log, signal: leaving.signal });
    const timeoutMs = this.context.settings.applyTimeoutSeconds * 1000;
    const ended = await awaitEnd(child, { signals: [held.stop], timeoutMs, onShutdown: 'leave' });
    if (ended.endedBy === 'shutdown') leaving.abort();
    await following;
    if (ended.endedBy === 'shutdown') await log.flush();
    else await this.record(apply, ended.exit, ended.endedBy);
  }

  /** Writes what is known of the end, with Terraform's output and the state it left in the checkout. */
  async record(apply: Omit<WatchedApply, 'child'>, exit: Exit, endedBy: StepEnd | null): Promise<void> {
    const { log, folder } = apply;
    const text = await readText('merged', folder);
    const end = applyEnd({ code: exit.code, endedBy });
    try {
      await this.writer.surely(apply.held.id, () => log.flush());
      if (end.state === 'applied') return await this.write(apply, { state: 'applied' }, { apply_output: text });
      const note = await this.keepErroredState(apply);
      const error = `${end.explanation}${note}\n${text}`;
      await this.write(apply, { state: end.state, problem: shortProblem(error) }, { apply_output: text, error });
    } catch (error) {
      // Somebody judged this apply meanwhile and its record stands; what it wrote must not be lost for that.
      if (error instanceof StaleLeaseError) await this.salvage(apply);
      throw error;
    }
  }

  /** Keeps the state of an apply whose record is somebody else's, unless a later one is kept already. */
  async salvage({ run, execution, keptState }: Salvaged): Promise<void> {
    if (keptState === null) return;
    const kept = { run, execution, path: keptState, over: 'older' } as const;
    const keep = () => this.context.transaction((tx) => keepState(tx, this.context, kept));
    await this.writer.surely(execution.id, keep);
  }

  /** What Terraform could not store in its backend stays on this host; the checkout will be gone. */
  private async keepErroredState({
    execution,
    directory,
  }: Pick<WatchedApply, 'execution' | 'directory'>): Promise<string> {
    const errored = join(directory, 'errored.tfstate');
    if (!(await exists(errored))) return '';
    const name = `${execution.id}.tfstate`;
    await copyIfThere(errored, join(this.context.folders.erroredStates, name));
    return `\nTerraform could not store its state. It is kept as errored-states/${name} in the data directory of the worker ${this.context.hostId}: terraform state push it.`;
  }

  /** The state first: an execution is over only when what it wrote is safe. */
  private async write(
    { run, execution, held, keptState }: Omit<WatchedApply, 'child'>,
    change: ExecutionChange,
    texts: Partial<Record<ResultPart, string>>,
  ): Promise<void> {
    await this.writer.writeSurely(held, run.id, change, texts, async (tx) => {
      if (keptState !== null) await keepState(tx, this.context, { run, execution, path: keptState, over: 'any' });
      return undefined;
    });
  }
}
