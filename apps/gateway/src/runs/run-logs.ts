// The log of a run as a sequence of pages: read ahead by one page only, so that a slow reader holds no more than that.
import { Injectable } from '@nestjs/common';
import { maxWaitMs, type OperationOutput, type RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { GatewayOptions } from '../gateway.options.js';
import { isOutage, pause } from '../mesh-patience.js';

export type LogPage = OperationOutput<typeof runs.logs>;

export interface LogRequest {
  readonly runId: RunId;
  /** Number of the last line that is known already. */
  readonly after: number;
  /** `snapshot` ends at the last line written so far, `follow` when the run ends. */
  readonly until: 'snapshot' | 'follow';
  /** Ends the pages early, without an error. */
  readonly signal: AbortSignal;
}

const answerTimeoutMs = 3_000;
const outagePauseMs = 1_000;

@Injectable()
export class RunLogs {
  constructor(
    private readonly mesh: Mesh,
    private readonly options: GatewayOptions,
  ) {}

  /**
   * A follower gets a page at least every 5 s, if an empty one. Resolves when the first page is there, so that an unknown run is an error (NOT_FOUND) and not a broken stream. The
   * last page has `finished`, unless the pages ended early or are a snapshot.
   */
  async open(request: LogRequest): Promise<AsyncGenerator<LogPage>> {
    const first = await this.read(request.runId, request.after, 0, request.signal);
    return this.pages(request, first);
  }

  private async *pages(request: LogRequest, first: LogPage): AsyncGenerator<LogPage> {
    let page = first;
    let after = request.after;
    for (;;) {
      after = page.lines.at(-1)?.number ?? after;
      if (request.until === 'follow' || page.lines.length > 0) yield page;
      if (page.finished || (request.until === 'snapshot' && page.lines.length === 0)) return;
      const next = yield* this.readThroughOutages(request, after);
      if (next === undefined) return;
      page = next;
    }
  }

  /** Undefined when the signal was aborted. Yields empty pages while the mesh is away. */
  private async *readThroughOutages(request: LogRequest, after: number): AsyncGenerator<LogPage, LogPage | undefined> {
    const startedAt = performance.now();
    const waitMs = request.until === 'follow' ? maxWaitMs : 0;
    while (!request.signal.aborted) {
      try {
        return await this.read(request.runId, after, waitMs, request.signal);
      } catch (error) {
        if (request.signal.aborted) return undefined;
        if (!isOutage(error) || performance.now() - startedAt >= this.options.meshPatienceMs) throw error;
      }
      if (request.until === 'follow') yield { lines: [], finished: false };
      await pause(outagePauseMs, request.signal).catch(() => undefined);
    }
    return undefined;
  }

  private read(runId: RunId, after: number, waitMs: number, signal: AbortSignal): Promise<LogPage> {
    return this.mesh.call(runs.logs, { runId, after, waitMs }, { signal, timeoutMs: waitMs + answerTimeoutMs });
  }
}
