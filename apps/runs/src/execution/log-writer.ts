// Lines of a run on their way to the database: masked, numbered there, in batches.
import type { RunsContext } from '../context.js';
import type { Doorbell } from '../doorbell.js';
import type { Lease } from '../persistence/execution.repository.js';
import { appendLines } from '../persistence/log.repository.js';

const flushMs = 200;
const maxBatchLines = 1_000;
const maxBatchChars = 250_000;
/** Past this the reader of the process is slower than its output; lines in between are counted, not kept. */
const maxBufferedLines = 100_000;

export class LogWriter {
  private buffered: string[] = [];
  private dropped = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: RunsContext,
    private readonly doorbell: Doorbell,
    private readonly runId: string,
    private readonly lease: Lease | null,
    private readonly mask: (text: string) => string,
  ) {}

  write(lines: readonly string[]): void {
    for (const line of lines) {
      if (this.buffered.length < maxBufferedLines) this.buffered.push(this.mask(line));
      else this.dropped++;
    }
    this.timer ??= setTimeout(() => this.flushSoon(), flushMs);
  }

  /** Resolves when all lines are stored. Rejects with StaleLeaseError, or with what the database said. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.catch(() => {}).then(() => this.writeAll());
    await this.writing;
  }

  /** A failed write keeps its lines for the next one; the last flush is the one that is awaited. */
  private flushSoon(): void {
    this.flush().catch((error: unknown) => {
      this.context.logger.debug({ runId: this.runId, error: String(error) }, 'log lines wait');
      if (this.buffered.length > 0) this.timer ??= setTimeout(() => this.flushSoon(), flushMs * 5);
    });
  }

  private async writeAll(): Promise<void> {
    while (this.buffered.length > 0 || this.dropped > 0) {
      const batch = this.nextBatch();
      const lines = this.dropped > 0 && batch.length === 0 ? [`… ${this.dropped} lines were dropped`] : batch;
      await appendLines(this.context.manager, { runId: this.runId, lines, lease: this.lease });
      this.buffered = this.buffered.slice(batch.length);
      if (batch.length === 0) this.dropped = 0;
      this.doorbell.activity(this.runId);
    }
  }

  private nextBatch(): string[] {
    let chars = 0;
    let count = 0;
    for (const line of this.buffered) {
      chars += line.length;
      if (count > 0 && (count >= maxBatchLines || chars > maxBatchChars)) break;
      count++;
    }
    return this.buffered.slice(0, count);
  }
}
