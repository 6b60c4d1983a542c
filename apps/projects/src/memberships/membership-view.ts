import type { Membership } from '@terramesh/contracts';
import { type Place, seesSecretTeams } from '../domain/identity-rules.js';
import type { MembershipRow } from '../persistence/membership.repository.js';

/** The same from every operation; `own`: the viewer's own, with all teams. */
export function membershipView(row: MembershipRow, viewer: Place | 'own'): Membership {
  return {
    id: row.id,
    organizationName: row.organization_name,
    accountId: row.account_id,
    username: row.username,
    email: row.email,
    isSiteAdmin: row.is_site_admin,
    createdAt: row.created_at.toISOString(),
    teamIds: viewer === 'own' ? row.team_ids : seenTeams(row, viewer),
  };
}

function seenTeams({ team_ids: all, secret_team_ids: secret }: MembershipRow, viewer: Place): string[] {
  if (seesSecretTeams(viewer)) return all;
  return all.filter((id) => !secret.includes(id) || viewer.teamIds.includes(id));
}
