// A reader of text/event-stream that gives one event at a time and can go away at any moment.
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

export interface EventReader {
  /** Undefined at the end of the stream. Comments and retry hints are left out. */
  next(): Promise<ServerSentEvent | undefined>;
  /** Drops the connection. */
  close(): Promise<void>;
}

export async function openEvents(url: string, headers: Readonly<Record<string, string>>): Promise<EventReader> {
  const hangUp = new AbortController();
  const response = await fetch(url, { headers: { ...headers, Accept: 'text/event-stream' }, signal: hangUp.signal });
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const blocks = blocksOf(response.body);
  return {
    async next() {
      for (;;) {
        const { done, value } = await blocks.next();
        if (done) return undefined;
        const event = parse(value);
        if (event !== undefined) return event;
      }
    },
    async close() {
      hangUp.abort();
      await blocks.return(undefined).catch(() => undefined);
    },
  };
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    const parts = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}

function parse(block: string): ServerSentEvent | undefined {
  const field = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2));
  const data = field('data');
  if (data.length === 0) return undefined;
  return { id: field('id')[0], event: field('event')[0] ?? 'message', data: data.join('\n') };
}
