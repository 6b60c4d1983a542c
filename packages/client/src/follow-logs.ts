import type { TerrameshRouter } from '@terramesh/contracts';
import type { inferRouterOutputs } from '@trpc/server';

type LogsPage = inferRouterOutputs<TerrameshRouter>['runs']['logs'];
export type LogLine = LogsPage['lines'][number];

export interface LogOptions {
  /** Number of the last line that is known already. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** Every line after `after`, each once; `read` gives the lines that follow a number. */
export async function* followLogs(
  read: (after: number) => Promise<LogsPage>,
  { after = 0, signal }: LogOptions,
): AsyncGenerator<LogLine, void, undefined> {
  let last = after;
  for (;;) {
    signal?.throwIfAborted();
    const { lines, finished } = await read(last);
    for (const line of lines) {
      last = line.number;
      yield line;
    }
    if (finished) return;
  }
}
