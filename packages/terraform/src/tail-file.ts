// Follows a file that another process appends to.
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { ifExists } from './file-error.js';
import { LineSplitter } from './line-splitter.js';

export interface TailOptions {
  /** In order, never empty; the next lines are read when it has resolved. A rejection ends the tail with it. */
  readonly onLines: (lines: string[]) => void | Promise<void>;
  /** Ends the tail at once, without an error. */
  readonly signal?: AbortSignal;
  /** Settles when nothing more will be written; what was written is still delivered. */
  readonly ended: Promise<unknown>;
  /** Lines to leave out at the start, where an earlier tail of the same file delivered them. */
  readonly skipLines?: number;
}

const pollMs = 100;
const chunkBytes = 256 * 1024;

/**
 * Delivers the lines of `path` as they are written, and all of them by the time it resolves. The file may appear later.
 * Bytes that are not UTF-8 become U+FFFD; lines are cut as `LineSplitter` does.
 */
export async function tailFile(path: string, { onLines, signal, ended, skipLines = 0 }: TailOptions): Promise<void> {
  const pause = new Pause(ended, signal);
  let skip = skipLines;
  const deliver = async (lines: string[]) => {
    const rest = skip === 0 ? lines : lines.slice(skip);
    skip -= lines.length - rest.length;
    if (rest.length > 0 && !pause.isAborted) await onLines(rest);
  };
  const decoder = new StringDecoder('utf8');
  const splitter = new LineSplitter();
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let file: FileHandle | undefined;
  try {
    while (!pause.isAborted) {
      // Looked at before reading: what was written before the end is then seen by this very read.
      const last = pause.hasEnded;
      file ??= await ifExists(open(path, 'r'));
      for await (const chunk of chunksOf(file, buffer)) {
        await deliver(splitter.push(decoder.write(chunk)));
        if (pause.isAborted) return;
      }
      if (last) return await deliver([...splitter.push(decoder.end()), ...splitter.end()]);
      await pause.wait(pollMs);
    }
  } finally {
    pause.dispose();
    await file?.close();
  }
}

/** What is in the file from where the last read ended. A chunk is valid until the next. */
async function* chunksOf(file: FileHandle | undefined, buffer: Buffer): AsyncGenerator<Buffer> {
  if (file === undefined) return;
  for (;;) {
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Waits that the end and the signal cut short; one listener on each for the whole tail. */
class Pause {
  hasEnded = false;
  #wake: () => void = () => {};
  readonly #onAbort = () => this.#wake();

  constructor(
    ended: Promise<unknown>,
    private readonly signal: AbortSignal | undefined,
  ) {
    const onEnd = () => {
      this.hasEnded = true;
      this.#wake();
    };
    ended.then(onEnd, onEnd);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get isAborted(): boolean {
    return this.signal?.aborted === true;
  }

  async wait(timeoutMs: number): Promise<void> {
    if (this.hasEnded || this.isAborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  dispose(): void {
    this.signal?.removeEventListener('abort', this.#onAbort);
  }
}
