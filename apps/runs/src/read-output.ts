// logs and results: the long texts of a run, in pieces that fit a message.
import { Injectable } from '@nestjs/common';
import { AppError, ExecutionId, type LogLine, type ResultPart, type RunId } from '@terramesh/contracts';
import { Activity } from './activity.js';
import { RunsContext } from './context.js';
import { readChunks, type StoredChunk } from './persistence/log.repository.js';
import { readTexts, type TextPosition } from './persistence/result.repository.js';
import { getRun } from './persistence/run.repository.js';

/** Characters in one answer: at most 6 bytes each in JSON, which stays under the mesh's 1 MB. */
const budgetChars = 140_000;
const pollMs = 2_000;

@Injectable()
export class ReadOutput {
  constructor(
    private readonly context: RunsContext,
    private readonly activity: Activity,
  ) {}

  /** Lines after number `after`; waits up to `waitMs` for the first. NOT_FOUND. */
  async logs(request: {
    runId: RunId;
    after: number;
    limit: number;
    waitMs: number;
  }): Promise<{ lines: LogLine[]; finished: boolean }> {
    const endsAt = performance.now() + request.waitMs;
    const { manager } = this.context;
    for (;;) {
      const leftMs = endsAt - performance.now();
      const news =
        leftMs > 0 && !this.activity.isClosed
          ? this.activity.wait(request.runId, Math.min(leftMs, pollMs), 'news')
          : undefined;
      // The run first: lines are written before it finishes, so a finished run has no line that this read misses.
      const run = await getRun(manager, request.runId);
      const { chunks, end } = await this.chunksOf(request);
      const { lines, cut } = linesOf(chunks, request);
      const finished = run.status === 'finished' && !cut && end === 'reached';
      if (lines.length > 0 || finished || news === undefined) return { lines, finished };
      await news;
    }
  }

  /** What one answer needs of the log: a chunk may be larger than an answer, or a single line. */
  private async chunksOf(request: {
    runId: RunId;
    after: number;
    limit: number;
  }): Promise<{ chunks: StoredChunk[]; end: 'reached' | 'perhaps further on' }> {
    const chunks: StoredChunk[] = [];
    for (let limit = 2; !isEnough(chunks, request); limit *= 2) {
      const after = chunks.at(-1)?.lastLine ?? request.after;
      const more = await readChunks(this.context.manager, { runId: request.runId, after, limit });
      chunks.push(...more);
      if (more.length < limit) return { chunks, end: 'reached' };
    }
    return { chunks, end: 'perhaps further on' };
  }

  /** Result texts after `cursor`. NOT_FOUND; INVALID for a cursor of something else. */
  async results(
    runId: RunId,
    cursor: string | null,
  ): Promise<{ pieces: { executionId: ExecutionId; part: ResultPart; text: string }[]; next: string | null }> {
    const { manager } = this.context;
    const { texts, more } = await readTexts(manager, { runId, after: decodeCursor(cursor), budgetChars });
    // A run that has texts is there.
    if (texts.length === 0) await getRun(manager, runId);
    const last = texts.at(-1);
    return {
      pieces: texts.map(({ executionId, part, text }) => ({
        executionId: ExecutionId.parse(executionId),
        part,
        text,
      })),
      next: more === 'no' || last === undefined ? null : `${last.ordinal}.${last.part}.${last.piece}`,
    };
  }
}

function isEnough(chunks: StoredChunk[], request: { after: number; limit: number }): boolean {
  const lines = (chunks.at(-1)?.lastLine ?? 0) - request.after;
  return lines >= request.limit || chunks.reduce((sum, { body }) => sum + body.length, 0) >= budgetChars;
}

function linesOf(chunks: StoredChunk[], request: { after: number; limit: number }): { lines: LogLine[]; cut: boolean } {
  const lines: LogLine[] = [];
  let chars = 0;
  for (const chunk of chunks) {
    const at = chunk.at.toISOString();
    let number = chunk.firstLine;
    for (const text of chunk.body.split('\n')) {
      if (number > request.after) {
        chars += text.length + 120;
        if (lines.length >= request.limit || (chars > budgetChars && lines.length > 0)) return { lines, cut: true };
        lines.push({ number, at, executionId: chunk.executionId, text });
      }
      number++;
    }
  }
  return { lines, cut: false };
}

/** `<ordinal>.<part>.<piece>` of the last piece that was read. */
function decodeCursor(cursor: string | null): TextPosition {
  if (cursor === null) return { ordinal: -1, part: '', piece: 0 };
  const match = /^(\d{1,9})\.([a-z_]{1,20})\.(\d{1,9})$/.exec(cursor);
  if (match === null) throw new AppError('INVALID', 'cursor is not of this list');
  return { ordinal: Number(match[1]), part: match[2] ?? '', piece: Number(match[3]) };
}
