// Where Terraform keeps its state over HTTP, as far away as a test wants it: what makes a plan long without any work.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface SlowState {
  /** A `terraform` block with the backend that keeps the state of this name here; without locks. */
  backend(name: string): string;
  /** How long each read of a state takes from now on; those that wait already are not changed. */
  delayMs: number;
  /** How many reads there were; `terraform plan` makes one, and so does an `init` that has anything to do. */
  readonly reads: number;
  /** How many of them wait now. */
  readonly waiting: number;
  stop(): Promise<void>;
}

export async function startSlowState(): Promise<SlowState> {
  const states = new Map<string, Buffer>();
  const stopping = new AbortController();
  let [reads, waiting] = [0, 0];
  const read = async (path: string, response: ServerResponse) => {
    reads += 1;
    waiting += 1;
    await delay(state.delayMs, undefined, { signal: stopping.signal }).finally(() => {
      waiting -= 1;
    });
    const body = states.get(path);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'http://state').pathname;
    if (request.method === 'GET') return read(path, response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    states.set(path, Buffer.concat(chunks));
    response.end();
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server of states has no port');
  const { port } = address;
  const state = {
    delayMs: 0,
    get reads() {
      return reads;
    },
    get waiting() {
      return waiting;
    },
    backend: (name: string) =>
      `terraform {\n  backend "http" {\n    address = "http://127.0.0.1:${port}/${name}"\n  }\n}\n`,
    async stop() {
      stopping.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return state;
}
