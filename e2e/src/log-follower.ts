// Follows the log of a run as a browser would: server-sent events, and on again from the last line after a break.
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine } from '@terramesh/contracts';

export interface FollowedLog {
  readonly lines: LogLine[];
  /** Resolves when the server has said that the run is over. */
  readonly ended: Promise<void>;
  stop(): void;
}

export function followLog(url: string, token: string): FollowedLog {
  const lines: LogLine[] = [];
  const stopping = new AbortController();
  const follow = async () => {
    while (!stopping.signal.aborted) {
      const lastId = lines.at(-1)?.number ?? 0;
      const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(lastId), 'X-Atlantis-Token': token };
      try {
        const answer = await fetch(url, { headers, signal: stopping.signal });
        if (answer.ok && answer.body !== null && (await readEvents(answer.body, lines))) return;
      } catch {
        // A broken stream: on again from the last line.
      }
      await delay(100, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  return { lines, ended: follow(), stop: () => stopping.abort() };
}

/** True when the `end` event came. */
async function readEvents(body: ReadableStream<Uint8Array>, lines: LogLine[]): Promise<boolean> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('event: end')) return true;
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) lines.push(JSON.parse(data));
    }
  }
  return false;
}
