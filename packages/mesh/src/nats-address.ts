// `nats://user:password@host:4222,host2:4222` taken apart, so that credentials never reach a log or an error.
import { AppError } from '@terramesh/contracts';

export type MeshCredentials = { readonly user: string; readonly password: string } | { readonly token: string };

export interface NatsAddress {
  /** `host:port` each. */
  readonly servers: readonly string[];
  readonly credentials: MeshCredentials | undefined;
  readonly encryption: 'none' | 'tls';
}

/**
 * Accepts `nats://` and `tls://`, several servers separated by commas, and `user:password@` or `token@` before any of
 * them. Throws INVALID without repeating the text, which may hold a password.
 */
export function parseNatsAddress(url: string): NatsAddress {
  const parts = url.split(',').map((part) => part.trim());
  const scheme = /^(nats|tls):\/\//.exec(parts[0] ?? '')?.[1];
  if (scheme === undefined) throw invalid();
  const urls = parts.map((part) => parse(part.includes('://') ? part : `${scheme}://${part}`));
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? '4222' : port}`),
    credentials: urls.map(credentialsOf).find((credentials) => credentials !== undefined),
    encryption: urls.some(({ protocol }) => protocol === 'tls:') ? 'tls' : 'none',
  };
}

function parse(text: string): URL {
  if (!URL.canParse(text)) throw invalid();
  const url = new URL(text);
  if (!['nats:', 'tls:'].includes(url.protocol) || url.hostname === '') throw invalid();
  return url;
}

function credentialsOf(url: URL): MeshCredentials | undefined {
  if (url.username === '') return undefined;
  const user = decodeURIComponent(url.username);
  return url.password === '' ? { token: user } : { user, password: decodeURIComponent(url.password) };
}

function invalid(): AppError {
  return new AppError('INVALID', 'the mesh url must be inproc: or nats://host:port, several separated by commas');
}
