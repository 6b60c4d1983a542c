import type { Account, Caller } from '@terramesh/contracts';
import type { AccountRow } from '../persistence/account.repository.js';

/** The address is shown to its owner and to site administrators. */
export function accountView(
  row: AccountRow,
  viewer: { readonly caller: Caller; readonly isSiteAdmin: boolean },
): Account {
  const isOwn = row.id === viewer.caller.accountId;
  return {
    id: row.id,
    username: row.username,
    email: isOwn || viewer.isSiteAdmin ? row.email : null,
    isServiceAccount: row.team_id !== null || row.organization_name !== null,
    isSiteAdmin: row.is_site_admin,
    owner: ownerOf(row),
    isOwn: isOwn && row.email !== null,
  };
}

function ownerOf({ id, team_id: teamId, organization_name: organization }: AccountRow): Account['owner'] {
  if (teamId !== null) return { type: 'teams', id: teamId };
  return organization === null ? { type: 'users', id } : { type: 'organizations', id: organization };
}
