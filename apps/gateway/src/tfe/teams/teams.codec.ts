import { type Membership, organizationAccessNames, type Team } from '@terramesh/contracts';
import { kebabKeys } from '../kebab.js';
import type { Resource } from '../send-document.js';

/** The same from every route. */
export function encodeTeam(team: Team): Resource {
  const path = `/api/v2/teams/${team.id}`;
  const has = (name: string) => team.isOwners || team.organizationAccess.includes(name);
  return {
    id: team.id,
    type: 'teams',
    attributes: {
      name: team.name,
      'users-count': team.usersCount,
      visibility: team.visibility,
      'sso-team-id': team.ssoTeamId,
      'is-unified': false,
      'allow-member-token-management': team.allowMemberTokenManagement,
      'organization-access': Object.fromEntries(organizationAccessNames.map((name) => [name, has(name)])),
      permissions: { ...kebabKeys(team.permissions), 'can-update-sso-team-id': team.permissions.canUpdateName },
    },
    relationships: {
      organization: {
        data: { id: team.organizationName, type: 'organizations' },
        links: { related: `/api/v2/organizations/${team.organizationName}` },
      },
      users: { data: team.accountIds.map((id) => ({ id, type: 'users' })) },
      'organization-memberships': {
        data: team.membershipIds.map((id) => ({ id, type: 'organization-memberships' })),
      },
      'authentication-token': { links: { related: `${path}/authentication-token` } },
    },
    links: { self: path },
  };
}

/** Of somebody who is in: nobody has to answer an invitation here. */
export function encodeMembership(membership: Membership): Resource {
  return {
    id: membership.id,
    type: 'organization-memberships',
    attributes: { status: 'active', email: membership.email, 'created-at': membership.createdAt },
    relationships: {
      organization: {
        data: { id: membership.organizationName, type: 'organizations' },
        links: { related: `/api/v2/organizations/${membership.organizationName}` },
      },
      user: {
        data: { id: membership.accountId, type: 'users' },
        links: { related: `/api/v2/users/${membership.accountId}` },
      },
      teams: { data: membership.teamIds.map((id) => ({ id, type: 'teams' })) },
    },
    links: { self: `/api/v2/organization-memberships/${membership.id}` },
  };
}
