import type { Token } from '@terramesh/contracts';
import type { Resource } from '../send-document.js';

/** `token`: what was just made; never anything else, since nobody knows it any more. */
export function encodeToken(token: Token, text: string | null = null): Resource {
  return {
    id: token.id,
    type: 'authentication-tokens',
    attributes: {
      'created-at': token.createdAt,
      'last-used-at': token.lastUsedAt,
      description: token.description,
      token: text,
      'expired-at': token.expiredAt,
    },
    relationships: {
      'created-by': { data: token.createdBy === null ? null : { id: token.createdBy, type: 'users' } },
      ...(token.teamId === null ? {} : { team: { data: { id: token.teamId, type: 'teams' } } }),
    },
    links: { self: `/api/v2/authentication-tokens/${token.id}` },
  };
}
