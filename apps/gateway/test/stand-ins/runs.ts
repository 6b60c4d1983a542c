// A hand-written apps/runs: it obeys the contract and does what a test tells it to.
import { EventEmitter, once } from 'node:events';
import { Controller } from '@nestjs/common';
import {
  AppError,
  type Execution,
  ExecutionId,
  type HandlerResult,
  type LogLine,
  type ParsedInput,
  type ResultPart,
  type Run,
  RunId,
  type RunOutcome,
  type RunSummary,
  runs,
} from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';

type Texts = Partial<Record<ResultPart, string>>;
type Piece = { executionId: ExecutionId; part: ResultPart; text: string };

const at = '2025-01-21T10:30:00Z';
let issued = 0;

function idOf(prefix: string): string {
  issued += 1;
  return `${prefix}-${String(issued).replaceAll('0', 'z').padStart(16, 'A')}`;
}

export class RunsStandIn {
  readonly starts: ParsedInput<typeof runs.start>[] = [];
  readonly runs = new Map<string, Run>();
  readonly lines = new Map<string, LogLine[]>();
  readonly pieces = new Map<string, Piece[]>();
  /** Who asked `wait`, by run, at this moment. */
  readonly waiting = new Map<string, number>();
  pieceLength = 1000;
  readonly changes = new EventEmitter().setMaxListeners(0);
  /** Throws what `start` shall refuse with. */
  onStart: (input: ParsedInput<typeof runs.start>) => void = () => undefined;

  /** How often `wait` was called, and what it throws. */
  waits = 0;
  logReads = 0;
  onWait: () => void = () => undefined;

  finish(runId: string, outcome: RunOutcome, executions: { execution: Partial<Execution>; texts?: Texts }[]): void {
    const made = executions.map(({ execution, texts = {} }) => {
      const id = ExecutionId.parse(idOf('exe'));
      for (const [part, text] of Object.entries(texts)) this.addPieces(runId, id, part as ResultPart, text);
      return { ...executionOf(id), ...execution };
    });
    this.change(runId, { status: 'finished', outcome, finishedAt: at, executions: made });
  }

  fail(runId: string, error: { code: string; message: string }): void {
    this.change(runId, { status: 'finished', outcome: 'failed', finishedAt: at, error });
  }

  log(runId: string, ...texts: string[]): void {
    const lines = this.lines.get(runId) ?? [];
    for (const text of texts) lines.push({ number: lines.length + 1, at, executionId: null, text });
    this.lines.set(runId, lines);
    this.changes.emit('change');
  }

  change(runId: string, part: Partial<Run>): void {
    this.runs.set(runId, { ...this.get(runId), ...part });
    this.changes.emit('change');
  }

  get(runId: string): Run {
    const run = this.runs.get(runId);
    if (!run) throw new AppError('NOT_FOUND', `run ${runId} does not exist`);
    return run;
  }

  /** Resolves when the condition holds, or after `waitMs`. */
  async until(condition: () => boolean, waitMs: number): Promise<void> {
    const signal = AbortSignal.timeout(waitMs);
    while (!condition() && !signal.aborted) await once(this.changes, 'change', { signal }).catch(() => undefined);
  }

  private addPieces(runId: string, executionId: ExecutionId, part: ResultPart, text: string): void {
    const pieces = this.pieces.get(runId) ?? [];
    for (let start = 0; start < text.length; start += this.pieceLength) {
      pieces.push({ executionId, part, text: text.slice(start, start + this.pieceLength) });
    }
    this.pieces.set(runId, pieces);
  }
}

@Controller()
export class RunsStandInController {
  constructor(private readonly state: RunsStandIn) {}

  @Serve(runs.start)
  start(input: ParsedInput<typeof runs.start>): HandlerResult<typeof runs.start> {
    this.state.onStart(input);
    const before = this.state.starts.findIndex(({ idempotencyKey }) => idempotencyKey === input.idempotencyKey);
    const first = this.state.starts[before];
    if (first && JSON.stringify(first) !== JSON.stringify(input)) {
      throw new AppError('CONFLICT', 'the idempotency key was used for another request');
    }
    const known = [...this.state.runs.keys()][before];
    if (known !== undefined) return { runId: known, replayed: true };
    const id = RunId.parse(idOf('run'));
    this.state.starts.push(input);
    this.state.runs.set(id, runOf(id, input));
    this.state.changes.emit('change');
    return { runId: id, replayed: false };
  }

  @Serve(runs.get)
  get({ runId }: ParsedInput<typeof runs.get>): Run {
    return this.state.get(runId);
  }

  @Serve(runs.list)
  list({ repository, status, after, limit }: ParsedInput<typeof runs.list>): HandlerResult<typeof runs.list> {
    const fitting = [...this.state.runs.values()]
      .reverse()
      .filter(
        (run) => (repository === null || run.repository === repository) && (status === null || run.status === status),
      );
    const start = after === null ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
    const page = fitting.slice(start, start + limit).map(summaryOf);
    return { runs: page, next: start + limit < fitting.length ? (page.at(-1)?.id ?? null) : null };
  }

  @Serve(runs.wait)
  async wait({ runId, waitMs }: ParsedInput<typeof runs.wait>): Promise<RunSummary> {
    const { waiting, changes } = this.state;
    this.state.waits += 1;
    waiting.set(runId, (waiting.get(runId) ?? 0) + 1);
    changes.emit('change');
    await this.state.until(() => this.state.get(runId).status === 'finished', waitMs);
    waiting.set(runId, (waiting.get(runId) ?? 0) - 1);
    this.state.onWait();
    return summaryOf(this.state.get(runId));
  }

  @Serve(runs.cancel)
  cancel({ runId }: ParsedInput<typeof runs.cancel>): RunSummary {
    this.state.get(runId);
    this.state.change(runId, { cancelRequestedAt: at });
    return summaryOf(this.state.get(runId));
  }

  @Serve(runs.logs)
  async logs({ runId, after, limit, waitMs }: ParsedInput<typeof runs.logs>): Promise<HandlerResult<typeof runs.logs>> {
    this.state.logReads += 1;
    this.state.changes.emit('change');
    const isFinished = () => this.state.get(runId).status === 'finished';
    const lines = () => this.state.lines.get(runId) ?? [];
    await this.state.until(() => isFinished() || lines().length > after, waitMs);
    const page = lines().slice(after, after + limit);
    return { lines: page, finished: isFinished() && after + page.length >= lines().length };
  }

  @Serve(runs.results)
  results({ runId, cursor }: ParsedInput<typeof runs.results>): HandlerResult<typeof runs.results> {
    const pieces = this.state.pieces.get(runId) ?? [];
    const start = Number(cursor ?? 0);
    const end = start + 3;
    return { pieces: pieces.slice(start, end), next: end < pieces.length ? String(end) : null };
  }

  @Serve(runs.countInProgress)
  count(_input: ParsedInput<typeof runs.countInProgress>): HandlerResult<typeof runs.countInProgress> {
    return { inProgress: [...this.state.runs.values()].filter(({ status }) => status !== 'finished').length };
  }
}

function runOf(id: RunId, input: ParsedInput<typeof runs.start>): Run {
  return {
    id,
    kind: input.kind,
    status: 'received',
    outcome: null,
    origin: 'user',
    type: input.type,
    hostname: 'github.com',
    repository: input.repository,
    ref: input.ref,
    pull: input.pull,
    commit: null,
    error: null,
    createdAt: at,
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    executions: [],
    leftOut: [],
  };
}

function executionOf(id: ExecutionId): Execution {
  return {
    id,
    target: { directory: '.', terraformWorkspace: 'default', name: '' },
    executionOrderGroup: 0,
    dependsOn: [],
    state: 'planned',
    waitingFor: null,
    cancelRequestedAt: null,
    plan: null,
    problem: null,
    epoch: 1,
    startedAt: at,
    finishedAt: at,
  };
}

function summaryOf({ executions: _, ...summary }: Run): RunSummary {
  return summary;
}
