import type { Account } from '@terramesh/contracts';
import type { Resource } from '../send-document.js';

/** The same from every route. */
export function encodeAccount(account: Account): Resource {
  const { id, owner } = account;
  const path = `/api/v2/users/${id}`;
  return {
    id,
    type: 'users',
    attributes: {
      username: account.username,
      email: account.email,
      'unconfirmed-email': null,
      'is-service-account': account.isServiceAccount,
      'auth-method': 'tfc',
      'avatar-url': null,
      'v2-only': true,
      'is-site-admin': account.isSiteAdmin,
      'is-admin': account.isSiteAdmin,
      'is-sso-login': false,
      'two-factor': { enabled: false, verified: false },
      permissions: {
        'can-create-organizations': account.isOwn,
        'can-change-email': account.isOwn,
        'can-change-username': account.isOwn,
      },
    },
    relationships: {
      'authentication-tokens': { links: { related: `${path}/authentication-tokens` } },
      'authenticated-resource': {
        data: { id: owner.id, type: owner.type },
        links: { related: `/api/v2/${owner.type}/${owner.id}` },
      },
    },
    links: { self: path },
  };
}
