// Every error → status and body. Expected ones say what they say; a bug shows nothing but the request's id.
import { HttpException } from '@nestjs/common';
import { errorMeanings, isAppError } from '@terramesh/contracts';
import { errorDocument } from '../tfe/error-document.js';

export interface ErrorAnswer {
  readonly httpStatus: number;
  readonly message: string;
  /** Of an AppError. */
  readonly details?: unknown;
  /** True for what nobody foresaw: to be logged with its stack. */
  readonly isBug: boolean;
}

export function answerTo(error: unknown, requestId: string): ErrorAnswer {
  if (isAppError(error) && error.code !== 'INTERNAL') {
    return {
      httpStatus: errorMeanings[error.code].httpStatus,
      message: error.message,
      details: error.details,
      isBug: false,
    };
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    return { httpStatus: error.getStatus(), message: error.message, isBug: false };
  }
  if (isRequestRefusal(error)) {
    return { httpStatus: error.statusCode, message: refusalMessage(error), isBug: false };
  }
  return { httpStatus: 500, message: `internal error (request id ${requestId})`, isBug: true };
}

/** What Fastify throws for a request that it does not accept: a body over the limit, a bad header. */
interface RequestRefusal extends Error {
  readonly code: string;
  readonly statusCode: number;
}

function isRequestRefusal(error: unknown): error is RequestRefusal {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return false;
  const { code, statusCode } = error;
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' && statusCode < 500;
}

function refusalMessage(error: RequestRefusal): string {
  return error.statusCode === 413 ? 'request body is too large' : error.message;
}

/** The body of an error on this path: JSON:API under `/api/v2`, else `{"error":…}`. */
export function encodeErrorBody(path: string, { httpStatus, message, details }: Omit<ErrorAnswer, 'isBug'>) {
  if (!isJsonApi(path)) return { contentType: 'application/json', body: `${JSON.stringify({ error: message })}\n` };
  const document = errorDocument({ httpStatus, message, details });
  return { contentType: 'application/vnd.api+json', body: `${JSON.stringify(document)}\n` };
}

export function isJsonApi(path: string): boolean {
  return path === '/api/v2' || path.startsWith('/api/v2/');
}
