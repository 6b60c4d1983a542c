// Fastify as the gateway needs it: bodies as bytes whatever their type, ids on every request, the guard before the body.
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError } from '@terramesh/contracts';
import { requestIdFrom, runInRequestContext } from '@terramesh/mesh';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { markTfeAnswer, type TfeGate } from '../tfe/tfe-gate.js';
import { type AccessRules, acceptsBasic, authorize, isForeignBrowserWrite, isTfe } from './credentials.js';
import { answerTo, encodeErrorBody, isJsonApi } from './error-answer.js';
import type { RouteSettings } from './route.js';
import type { RouteRegistry } from './route-registry.js';
import { pathOf, sendText } from './send.js';

export interface Answer {
  readonly requestId: string;
  readonly method: string;
  /** `/api/runs/:id`, never what was asked for. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface HttpOptions extends AccessRules {
  readonly bodyLimitBytes: number;
  readonly trustProxy: boolean | string;
  readonly registry: RouteRegistry;
  readonly tfeGate: TfeGate;
  /** Is told of every answer that has left. */
  readonly onAnswer: (answer: Answer) => void;
}

/** Time for the headers, and for the whole request with its body; answers may take as long as they need. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
const maxParamLength = 5_000;

export function createHttpAdapter(options: HttpOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes,
    trustProxy: options.trustProxy,
    forceCloseConnections: 'idle',
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs },
    routerOptions: { maxParamLength },
    rewriteUrl: (request: IncomingMessage) => withoutIndexSlash(request.url ?? '/'),
    genReqId: (request: IncomingMessage) => requestIdFrom(request.headers['x-request-id']?.toString()),
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const answer = answerTo(error, request.id);
      const send = () => sendText(reply, answer.httpStatus, encodeErrorBody(pathOf(request), answer));
      markAnswer(request, reply);
      if (isJsonApi(pathOf(request))) options.tfeGate.count(request, reply).then(send, send);
      else send();
    },
  });
  const server = adapter.getInstance<FastifyInstance>();
  readBodiesAsBytes(server);
  server.addHook('onRoute', ({ method, url }) => options.registry.add(method, url));
  server.addHook('onRequest', (request, reply, done) => admit(request, reply, options, done));
  server.addHook('preValidation', async (request) => {
    const { access } = request.routeOptions.config as Partial<RouteSettings>;
    if (access !== undefined && isTfe(access)) options.tfeGate.readBody(request);
  });
  server.addHook('onResponse', async (request, reply) => options.onAnswer(answerOf(request, reply)));
  return adapter;
}

/** Go has its index of profiles at `/debug/pprof/`; Nest registers no path that ends with a slash. */
function withoutIndexSlash(url: string): string {
  return url.replace(/^\/debug\/pprof\/(?=$|\?)/, '/debug/pprof');
}

function readBodiesAsBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function admit(request: FastifyRequest, reply: FastifyReply, rules: HttpOptions, done: (error?: Error) => void): void {
  markAnswer(request, reply);
  const settings = request.routeOptions.config as Partial<RouteSettings>;
  // A malformed content type would be refused before anyone could ignore it.
  if (settings.mediaType === 'any') delete request.raw.headers['content-type'];
  try {
    if (settings.access !== undefined) guard(request, settings.access, rules);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  const traceparent = request.headers.traceparent;
  const context = { requestId: request.id, ...(typeof traceparent === 'string' ? { traceparent } : {}) };
  const { access } = settings;
  runInRequestContext(context, () => {
    if (access !== undefined && isTfe(access)) rules.tfeGate.admit(request, reply, access).then(() => done(), done);
    else if (request.is404 && isJsonApi(pathOf(request))) rules.tfeGate.count(request, reply).then(() => done(), done);
    else done();
  });
}

/** What every answer says of itself. */
function markAnswer(request: FastifyRequest, reply: FastifyReply): void {
  if (isJsonApi(pathOf(request))) markTfeAnswer(reply);
  reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
}

function guard(request: FastifyRequest, access: RouteSettings['access'], rules: AccessRules): void {
  authorize(access, request.headers, rules);
  if (acceptsBasic(access) && isForeignBrowserWrite(request.method, request.headers)) {
    throw new AppError('FORBIDDEN', 'another site may not do this');
  }
}

function answerOf(request: FastifyRequest, reply: FastifyReply): Answer {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
  };
}
