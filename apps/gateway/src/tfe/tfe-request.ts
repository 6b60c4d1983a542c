// What the hooks learned of a request under /api/v2, and how controllers ask for it.
import { AppError, type Caller } from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';

export interface TfeRequest {
  /** Undefined on public routes without a good token. */
  readonly caller: Caller | undefined;
  readonly contentType: string | undefined;
  /** Scheme and host of the links in lists, without a trailing slash. */
  readonly linkBase: string;
  /** The parsed body; null without one. */
  document: unknown;
}

const admitted = new WeakMap<FastifyRequest, TfeRequest>();

export function rememberTfeRequest(request: FastifyRequest, facts: TfeRequest): void {
  admitted.set(request, facts);
}

/** Throws for a route that is not declared with access `tfe` or `tfe-public`. */
export function tfeRequest(request: FastifyRequest): TfeRequest {
  const facts = admitted.get(request);
  if (facts === undefined) throw new Error('this route was not admitted as one of the TFE API');
  return facts;
}

/** Who calls; for routes with access `tfe`. */
export function tfeCaller(request: FastifyRequest): Caller {
  const { caller } = tfeRequest(request);
  if (caller === undefined) throw new AppError('UNAUTHORIZED', 'unauthorized');
  return caller;
}

/** The parsed body as the service shall check it: null when there was none. Media type and syntax are checked by now. */
export function readDocument(request: FastifyRequest): unknown {
  return tfeRequest(request).document;
}
