// Bare repositories over HTTP with a user name and a password, as the real hosts ask for them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface GitHttp {
  /** `http://127.0.0.1:…` */
  readonly url: string;
  /** How many requests came with the right password. */
  readonly authorized: number;
  /** From now on nobody may. */
  refuseEveryone(): void;
  close(): Promise<void>;
}

export async function serveOverHttp(
  folder: string,
  access: { username: string; password: string; onRequest?: () => void },
): Promise<GitHttp> {
  const expected = `Basic ${Buffer.from(`${access.username}:${access.password}`).toString('base64')}`;
  let authorized = 0;
  let isOpen = true;
  const server = createServer((request, response) => {
    access.onRequest?.();
    if (!isOpen || request.headers.authorization !== expected) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
      return;
    }
    authorized += 1;
    runBackend(folder, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the git server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get authorized() {
      return authorized;
    },
    refuseEveryone: () => {
      isOpen = false;
    },
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** CGI: a head of `Name: value` lines, an empty line, the body. */
function runBackend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
      REMOTE_USER: 'test',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf('\r\n\r\n');
    const head = answer.subarray(0, end).toString('latin1').split('\r\n');
    const status = head.find((line) => line.startsWith('Status: '))?.slice(8, 11) ?? '200';
    for (const line of head) {
      const colon = line.indexOf(': ');
      if (colon > 0 && !line.startsWith('Status: ')) response.setHeader(line.slice(0, colon), line.slice(colon + 2));
    }
    response.writeHead(Number(status)).end(answer.subarray(end + 4));
  });
}
