import type { ErrorCode } from '@terramesh/contracts';
import { TRPCClientError } from '@trpc/client';

export interface ClientErrorFacts {
  readonly code: ErrorCode;
  /** Undefined when no answer came. */
  readonly httpStatus: number | undefined;
  readonly details?: unknown;
  readonly cause?: unknown;
}

/** What every call of the client rejects with. A server that cannot be reached is UNAVAILABLE. */
export class TerrameshClientError extends Error {
  override readonly name = 'TerrameshClientError';
  readonly code: ErrorCode;
  readonly httpStatus: number | undefined;
  readonly details: unknown;

  constructor(message: string, facts: ClientErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.httpStatus = facts.httpStatus;
    this.details = facts.details;
  }

  /** True when the same call may succeed a moment later. */
  get isTransient(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'TIMEOUT';
  }
}

/** Any error of a call as a TerrameshClientError; `signal` tells a caller's own cancellation apart. */
export function toClientError(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof TerrameshClientError) return error;
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof TRPCClientError)) return error;
  const facts = factsOf(error.data);
  if (facts) return new TerrameshClientError(error.message, { ...facts, cause: error });
  const message = `terramesh cannot be reached: ${error.message}`;
  return new TerrameshClientError(message, { code: 'UNAVAILABLE', httpStatus: undefined, cause: error });
}

/** Undefined when the answer was not one of terramesh's. */
function factsOf(data: unknown): ClientErrorFacts | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { errorCode, httpStatus, details } = data as { [key: string]: unknown };
  if (typeof errorCode !== 'string') return undefined;
  return { code: errorCode as ErrorCode, httpStatus: typeof httpStatus === 'number' ? httpStatus : undefined, details };
}
