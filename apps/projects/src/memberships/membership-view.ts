import type { Membership } from '@terramesh/contracts';
import type { MembershipRow } from '../persistence/membership.repository.js';

/** The same from every operation. */
export function membershipView(row: MembershipRow): Membership {
  return {
    id: row.id,
    organizationName: row.organization_name,
    accountId: row.account_id,
    username: row.username,
    email: row.email,
    isSiteAdmin: row.is_site_admin,
    createdAt: row.created_at.toISOString(),
    teamIds: row.team_ids,
  };
}
