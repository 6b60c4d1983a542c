// What stands before every route of the TFE API: the token, the rate limit, and on writes the media type and the syntax.
import { isIPv6 } from 'node:net';
import { AppError, access, hashToken, isAppError, type Rate } from '@terramesh/contracts';
import type { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { credentialsOf } from '../http/credentials.js';
import type { Access } from '../http/route.js';
import { parseJsonBody } from './json-body.js';
import { rememberTfeRequest, tfeRequest } from './tfe-request.js';

export interface TfeGateOptions {
  readonly mesh: Mesh;
  /** The configured public URL; undefined: what the caller, or a trusted proxy, says it asked for. */
  readonly publicUrl: string | undefined;
}

/** An answer that says no more than "not found" does not wait longer for the rate limit. */
const countPatienceMs = 1_000;

export class TfeGate {
  constructor(private readonly options: TfeGateOptions) {}

  /** Before the body is read. Throws UNAUTHORIZED, RATE_LIMITED, NOT_FOUND or INVALID. */
  async admit(request: FastifyRequest, reply: FastifyReply, needed: Access): Promise<void> {
    const { caller, rate } = await this.identify(request, reply);
    if (rate?.allowed === false) throw new AppError('RATE_LIMITED', "You have exceeded the API's rate limit.");
    if (caller === null && needed === 'tfe') throw new AppError('UNAUTHORIZED', 'unauthorized');
    refuseNul(request);
    // Fastify would refuse a malformed content type with words of its own.
    const contentType = request.raw.headers['content-type'];
    delete request.raw.headers['content-type'];
    const linkBase = this.options.publicUrl ?? askedBase(request);
    rememberTfeRequest(request, { caller: caller ?? undefined, contentType, linkBase, document: null });
  }

  /** What is not there counts too, and says so. That it is not there comes before token and limit: rejects for bugs only. */
  async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await this.identify(request, reply, { timeoutMs: countPatienceMs });
    } catch (error) {
      if (!isAppError(error) || !error.retryable) throw error;
    }
  }

  /** After the body was read. Throws UNSUPPORTED_MEDIA_TYPE, INVALID or TOO_LARGE. */
  readBody(request: FastifyRequest): void {
    const { body } = request;
    if (!Buffer.isBuffer(body) || body.length === 0) return;
    const facts = tfeRequest(request);
    facts.document = parseJsonBody(body, facts.contentType);
  }

  private async identify(request: FastifyRequest, reply: FastifyReply, options: { timeoutMs?: number } = {}) {
    const token = credentialsOf(request.headers, 'bearer');
    const tokenHash = token === undefined ? null : hashToken(token);
    const input = { tokenHash, address: networkOf(request.ip) };
    const identified = await this.options.mesh.call(access.identify, input, options);
    if (identified.rate !== null) tellRate(reply, identified.rate);
    return identified;
  }
}

/** On every answer under /api/v2. */
export function markTfeAnswer(reply: FastifyReply): void {
  reply
    .header('tfp-api-version', '2.6')
    .header('tfp-appname', 'Terraform Enterprise')
    .header('cache-control', 'no-cache');
}

/** The unit is seconds and may be a fraction: clients end themselves when it is not a number. */
function tellRate(reply: FastifyReply, { limit, remaining, resetSeconds, allowed }: Rate): void {
  reply
    .header('x-ratelimit-limit', limit)
    .header('x-ratelimit-remaining', remaining)
    .header('x-ratelimit-reset', resetSeconds.toFixed(3));
  if (!allowed) reply.header('retry-after', Math.max(1, Math.ceil(resetSeconds)));
}

/** One customer of a network has a whole /64 of IPv6, and could use each address of it once. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address.slice(0, 100);
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

/** No name, id or search text holds NUL, and Postgres refuses it. */
function refuseNul({ params, query }: FastifyRequest): void {
  if (holdsNul(params)) throw new AppError('NOT_FOUND', 'not found');
  if (holdsNul(query)) throw new AppError('INVALID', 'query parameters may not hold the character U+0000');
}

function holdsNul(members: unknown): boolean {
  return Object.entries(members ?? {}).some(([name, value]) => `${name}${String(value)}`.includes('\0'));
}

function askedBase(request: FastifyRequest): string {
  const host = /^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(request.host) ? request.host : 'localhost';
  const protocol = request.protocol === 'https' ? 'https' : 'http';
  return `${protocol}://${host}`;
}
