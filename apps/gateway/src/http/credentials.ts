// Who may use a guarded route: one secret, compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@terramesh/contracts';
import type { Access } from './route.js';

export interface AccessRules {
  /** Undefined: the guarded API is off. */
  readonly apiSecret: string | undefined;
  readonly reads: 'public' | 'token';
}

/** Throws INVALID when the API is off, UNAUTHORIZED without the right token. Looks at headers only. */
export function authorize(access: Access, headers: IncomingHttpHeaders, rules: AccessRules): void {
  if (access === 'public' || isTfe(access)) return;
  if ((access === 'read' || access === 'read-or-basic') && rules.reads === 'public') return;
  if (!rules.apiSecret) throw new AppError('INVALID', 'ignoring request since API is disabled');
  const presented = acceptsBasic(access) ? [...tokensOf(headers), basicPasswordOf(headers)] : tokensOf(headers);
  if (!presented.some((token) => token !== undefined && isSame(token, rules.apiSecret ?? ''))) {
    throw new AppError('UNAUTHORIZED', 'header X-Atlantis-Token did not match expected secret');
  }
}

/** These are admitted by `TfeGate`. */
export function isTfe(access: Access): access is 'tfe' | 'tfe-public' {
  return access === 'tfe' || access === 'tfe-public';
}

export function acceptsBasic(access: Access): boolean {
  return access === 'token-or-basic' || access === 'read-or-basic';
}

/**
 * A browser that knows the basic password sends it along with requests that other sites make; those may not change
 * anything. The token header needs no such rule: other sites cannot set it.
 */
export function isForeignBrowserWrite(method: string, headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  const isWrite = method !== 'GET' && method !== 'HEAD';
  return isWrite && site !== undefined && site !== 'same-origin' && site !== 'none';
}

function tokensOf(headers: IncomingHttpHeaders): (string | undefined)[] {
  const token = headers['x-atlantis-token'];
  return [typeof token === 'string' ? token : undefined, credentialsOf(headers, 'bearer')];
}

function basicPasswordOf(headers: IncomingHttpHeaders): string | undefined {
  const decoded = Buffer.from(credentialsOf(headers, 'basic') ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : decoded.slice(colon + 1);
}

/** What follows the scheme in `Authorization`; undefined for another scheme. */
export function credentialsOf(headers: IncomingHttpHeaders, scheme: 'basic' | 'bearer'): string | undefined {
  const [, presentedScheme, credentials] = /^(\S+) +(.*)$/.exec(headers.authorization ?? '') ?? [];
  return presentedScheme?.toLowerCase() === scheme ? credentials : undefined;
}

/** Hashed first, so that not even the length shows in the time it takes. */
function isSame(presented: string, expected: string): boolean {
  return timingSafeEqual(digest(presented), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
