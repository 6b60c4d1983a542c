// The ways an answer leaves the gateway.
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Compact JSON with a final newline, as everything under /api. */
export function sendJson(reply: FastifyReply, httpStatus: number, json: unknown): FastifyReply {
  return sendText(reply, httpStatus, { contentType: 'application/json', body: `${JSON.stringify(json)}\n` });
}

/** Indented JSON without a final newline, as Atlantis' /status and /healthz. */
export function sendIndentedJson(reply: FastifyReply, httpStatus: number, json: unknown): FastifyReply {
  return sendText(reply, httpStatus, { contentType: 'application/json', body: JSON.stringify(json, undefined, 2) });
}

export function sendPlain(reply: FastifyReply, httpStatus: number, line: string): FastifyReply {
  return sendText(reply, httpStatus, { contentType: 'text/plain; charset=utf-8', body: `${line}\n` });
}

/** Sent as bytes: Fastify would add a charset to the content type of a string. */
export function sendText(
  reply: FastifyReply,
  httpStatus: number,
  { contentType, body }: { contentType: string; body: string },
): FastifyReply {
  return reply.code(httpStatus).header('content-type', contentType).send(Buffer.from(body));
}

/** What was asked for, without the query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
