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
import { exists } from './files.js';
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

@Injectable()
export class ApplyWatch {
  constructor(
    private readonly context: RunsContext,
    private readonly writer: ExecutionWriter,
  ) {}

  /** Resolves when the end is on record, or when this process is to stop: then Terraform goes on without it. */
  async toTheEnd(apply: WatchedApply): Promise<void> {
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
    const { log, folder, directory } = apply;
    const text = await readText('merged', folder);
    await log.flush().catch((error: unknown) => {
      if (error instanceof StaleLeaseError) throw error;
    });
    const end = applyEnd({ code: exit.code, endedBy });
    if (end.state === 'applied') return this.write(apply, { state: 'applied' }, { apply_output: text });
    const errored = (await exists(join(directory, 'errored.tfstate')))
      ? '\nTerraform could not store its state: errored.tfstate is kept in the checkout of this run on its worker'
      : '';
    const error = `${end.explanation}${errored}\n${text}`;
    await this.write(apply, { state: end.state, problem: shortProblem(error) }, { apply_output: text, error });
  }

  /** The state first: an execution is over only when what it wrote is safe. */
  private async write(
    { run, execution, held, keptState }: Omit<WatchedApply, 'child'>,
    change: ExecutionChange,
    texts: Partial<Record<ResultPart, string>>,
  ): Promise<void> {
    await this.writer.writeSurely(held, run.id, change, texts, async (tx) => {
      if (keptState !== null) await keepState(tx, this.context, { run, execution, path: keptState });
      return undefined;
    });
  }
}
