import type { HandlerResult, teams } from '@terramesh/contracts';
import type { Grants } from '../access/grants.js';
import { type TeamFacts, teamPermissions } from '../domain/identity-rules.js';
import type { TeamRow, TeamStanding } from '../persistence/team.repository.js';

/** The same from every operation. */
export function teamView(row: TeamRow, grants: Grants): HandlerResult<typeof teams.show> {
  return {
    id: row.id,
    name: row.name,
    organizationName: row.organization_name,
    isOwners: row.is_owners,
    organizationAccess: row.organization_access,
    visibility: row.visibility,
    ssoTeamId: row.sso_team_id,
    allowMemberTokenManagement: row.allow_member_token_management,
    usersCount: row.users_count,
    accountIds: row.account_ids ?? [],
    membershipIds: row.membership_ids ?? [],
    permissions: teamPermissions(grants, teamFacts(row)),
  };
}

export function teamFacts(row: TeamStanding): TeamFacts {
  return {
    id: row.id,
    isOwners: row.is_owners,
    visibility: row.visibility,
    allowMemberTokenManagement: row.allow_member_token_management,
  };
}
