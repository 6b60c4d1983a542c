// What messages look like: the headers of a request context, and the answer `{"output":…}` or `{"error":{code,message,details}}`.
import { AppError, type ErrorCode, errorMeanings } from '@terramesh/contracts';
import { z } from 'zod';
import type { MeshHeaders } from './link.js';
import { type RequestContext, requestIdFrom } from './request-context.js';

const requestIdHeader = 'Terramesh-Request-Id';
/** Time left, not a point in time: the clocks of two hosts differ. */
const timeoutHeader = 'Terramesh-Timeout-Ms';
const traceHeader = 'traceparent';
const traceparentPattern = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Headers that carry the context; an id or trace that is not safe in a header is replaced or left out. */
export function encodeContext(context: RequestContext | undefined, remainingMs: number | undefined): MeshHeaders {
  const headers: Record<string, string> = { [requestIdHeader]: requestIdFrom(context?.requestId) };
  if (context?.traceparent !== undefined && traceparentPattern.test(context.traceparent)) {
    headers[traceHeader] = context.traceparent;
  }
  if (remainingMs !== undefined) headers[timeoutHeader] = String(Math.max(1, Math.floor(remainingMs)));
  return headers;
}

export function decodeContext(headers: MeshHeaders, nowMs: number): RequestContext {
  const timeoutMs = Number(headers[timeoutHeader]);
  const traceparent = headers[traceHeader];
  return {
    requestId: requestIdFrom(headers[requestIdHeader]),
    ...(traceparent !== undefined && traceparentPattern.test(traceparent) ? { traceparent } : {}),
    ...(Number.isFinite(timeoutMs) && timeoutMs > 0 ? { deadlineAt: nowMs + timeoutMs } : {}),
  };
}

/** The JSON of a value; undefined becomes null, as it has no JSON. Throws on what JSON cannot hold. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

export function encodeOutput(output: unknown): string {
  return `{"output":${encodeJson(output)}}`;
}

/** Details that cannot be JSON or do not fit are dropped, so that the error itself always arrives. */
export function encodeError(error: AppError, maxBytes: number): string {
  const bare = { code: error.code, message: error.message.slice(0, 10_000) };
  try {
    const whole = JSON.stringify({ error: { ...bare, details: error.details } });
    if (Buffer.byteLength(whole) <= maxBytes) return whole;
  } catch {
    // Falls through to the error without details.
  }
  return JSON.stringify({ error: bare });
}

const Answer = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }) }),
  z.object({ output: z.unknown() }),
]);

/** The output of an answer, not yet checked against its operation. Throws the AppError that the answer carries. */
export function decodeAnswer(subject: string, body: string): unknown {
  const answer = Answer.safeParse(parseJson(body));
  if (!answer.success) throw new AppError('INTERNAL', `the answer of ${subject} is not an answer`);
  if ('output' in answer.data) return answer.data.output;
  const { code, message, details } = answer.data.error;
  throw new AppError(isErrorCode(code) ? code : 'INTERNAL', message, details === undefined ? {} : { details });
}

/** Undefined when `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorMeanings, code);
}
