// Pages of log lines → what is written to the reader.
import type { LogLine, RunSummary } from '@terramesh/contracts';
import type { LogPage } from './run-logs.js';

const reconnectAfterMs = 2_000;

/** Server-sent events; `ending` is asked for the facts of the `end` event when the run is finished. */
export async function* encodeEvents(
  pages: AsyncIterable<LogPage>,
  ending: () => Promise<RunSummary>,
): AsyncGenerator<string> {
  yield `retry: ${reconnectAfterMs}\n\n`;
  for await (const page of pages) {
    yield page.lines.length === 0 ? ': heartbeat\n\n' : page.lines.map(encodeLine).join('');
    if (page.finished) yield encodeEnd(await ending());
  }
}

export async function* encodePlainLog(pages: AsyncIterable<LogPage>): AsyncGenerator<string> {
  for await (const page of pages) {
    if (page.lines.length > 0) yield page.lines.map((line) => `${line.text}\n`).join('');
  }
}

function encodeLine(line: LogLine): string {
  return `id: ${line.number}\ndata: ${JSON.stringify(line)}\n\n`;
}

function encodeEnd({ id, status, outcome }: RunSummary): string {
  return `event: end\ndata: ${JSON.stringify({ runId: id, status, outcome })}\n\n`;
}
