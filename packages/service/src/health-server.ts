// `/healthz`, `/readyz` and `/metrics` for services that do not listen on HTTP themselves.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { healthAnswer, readinessAnswer } from './health-answers.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { ReadinessReport } from './readiness.js';

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly ready: () => Promise<ReadinessReport>;
  readonly metrics: Metrics | undefined;
  readonly logger: Logger;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects when the port is taken. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.logger.error({ err: error, url: request.url }, 'a health request failed');
      send(response, 500, 'text/plain', 'internal error\n');
    });
  });
  server.requestTimeout = 10_000;
  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: HealthServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET\n');
  const path = request.url?.split('?', 1)[0];
  if (path === '/metrics' && options.metrics !== undefined) {
    return send(response, 200, options.metrics.contentType, await options.metrics.text());
  }
  if (path !== '/healthz' && path !== '/readyz') return send(response, 404, 'text/plain', 'not found\n');
  const { status, body } = path === '/healthz' ? healthAnswer() : readinessAnswer(await options.ready());
  send(response, status, 'application/json', body);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
}

function listen(server: Server, { host, port }: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
