// The expected errors of the whole system: one table, mapped to a transport in two places only (mesh filter, gateway filter).

/** What a code means on HTTP and tRPC, and whether the same call may succeed later unchanged. */
export const errorMeanings = {
  INVALID: { httpStatus: 400, trpc: 'BAD_REQUEST', retryable: false },
  UNAUTHORIZED: { httpStatus: 401, trpc: 'UNAUTHORIZED', retryable: false },
  FORBIDDEN: { httpStatus: 403, trpc: 'FORBIDDEN', retryable: false },
  NOT_FOUND: { httpStatus: 404, trpc: 'NOT_FOUND', retryable: false },
  CONFLICT: { httpStatus: 409, trpc: 'CONFLICT', retryable: false },
  TOO_LARGE: { httpStatus: 413, trpc: 'PAYLOAD_TOO_LARGE', retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { httpStatus: 415, trpc: 'UNSUPPORTED_MEDIA_TYPE', retryable: false },
  UNPROCESSABLE: { httpStatus: 422, trpc: 'UNPROCESSABLE_CONTENT', retryable: false },
  RATE_LIMITED: { httpStatus: 429, trpc: 'TOO_MANY_REQUESTS', retryable: true },
  INTERNAL: { httpStatus: 500, trpc: 'INTERNAL_SERVER_ERROR', retryable: false },
  UNAVAILABLE: { httpStatus: 503, trpc: 'SERVICE_UNAVAILABLE', retryable: true },
  TIMEOUT: { httpStatus: 504, trpc: 'GATEWAY_TIMEOUT', retryable: true },
} as const;

export type ErrorCode = keyof typeof errorMeanings;

export interface AppErrorOptions {
  /** Facts a program may use; must survive JSON and hold no secret. */
  readonly details?: unknown;
  readonly cause?: unknown;
}

/** An expected error: its message is written for the caller and safe to show. Anything else that is thrown is a bug. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly details: unknown;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details;
  }

  get retryable(): boolean {
    return errorMeanings[this.code].retryable;
  }
}

/** True for AppError, also when it comes from another copy of this package. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}
