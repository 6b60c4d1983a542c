// Where a VCS host is reached: what a person may write in a setting, and what it means.
import { z } from 'zod';

export interface BaseUrl {
  /** Without a trailing slash; `<url>/<repository>.git` is what is cloned. */
  readonly url: string;
  /** Lower case, without the port; empty for a `file:` URL. */
  readonly hostname: string;
}

const protocols = ['https:', 'http:', 'file:'];

/** `https://…`, `http://…` or `file:///…`; a bare host is taken for https; `off` is null: this host is not used. */
export const BaseUrl = z.string().transform((text, context): BaseUrl | null => {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'off') return null;
  const parsed = parse(trimmed);
  if (typeof parsed !== 'string') return parsed;
  // The value is left out: it may hold a password.
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});

/** The URL, or what is wrong with it. */
function parse(text: string): BaseUrl | string {
  const full = text.includes('://') ? text : `https://${text}`;
  if (text === '' || !URL.canParse(full)) return 'must be a URL such as https://github.com, or off';
  const { protocol, username, password, search, hash, hostname, host, pathname } = new URL(full);
  if (!protocols.includes(protocol)) return 'must begin with https://, http:// or file:///';
  if (username !== '' || password !== '') return 'must not hold a user or a password';
  if (search !== '' || hash !== '' || /[?#]/.test(full)) return 'must not hold a query or a fragment';
  if (protocol === 'file:' && hostname !== '') return 'must be a file URL without a host: file:///path';
  const path = pathname.replace(/\/+$/, '');
  if (protocol === 'file:' && path === '') return 'must name a folder: file:///path';
  return { url: `${protocol}//${host}${path}`, hostname: hostname.toLowerCase() };
}
