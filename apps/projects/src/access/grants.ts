// What the place of a caller in an organization lets them do there. Everything else is decided from this.
import { AppError, type Caller } from '@terramesh/contracts';
import type { Transaction } from '../persistence/transaction.js';

export interface Grants {
  readonly organization: { readonly id: string; readonly name: string };
  /** In the owners team, its token, or a site administrator. */
  readonly isOwner: boolean;
  readonly isOrganizationToken: boolean;
  /** `manage-projects`, `read-workspaces` …: of all the caller's teams together. */
  readonly organizationAccess: ReadonlySet<string>;
  readonly teamIds: readonly string[];
}

export type OrganizationKey = { readonly id: string } | { readonly name: string };

interface Row {
  readonly id: string;
  readonly name: string;
  readonly isSiteAdmin: boolean;
  readonly isMember: boolean;
  readonly isOwner: boolean | null;
  readonly teamIds: string[] | null;
  readonly organizationAccess: string[] | null;
}

/** Undefined when there is no such organization, or the caller does not belong to it: both look the same from outside. */
export async function loadGrants(tx: Transaction, caller: Caller, key: OrganizationKey): Promise<Grants | undefined> {
  const [row] = await tx.query<Row[]>(
    `select organization.id, organization.name, coalesce(account.is_site_admin, false) as "isSiteAdmin",
       case $2 when 'organization' then organization.id = $3
         when 'team' then teams.ids is not null
         else exists (select from organization_membership as membership
           where membership.organization_id = organization.id and membership.account_id = $1) end as "isMember",
       teams.is_owner as "isOwner", teams.ids as "teamIds", teams.access as "organizationAccess"
     from organization
     left join account on account.id = $1
     left join lateral (
       select array_agg(distinct team.id) as ids, bool_or(team.is_owners) as is_owner,
         array_agg(distinct one) filter (where one is not null) as access
       from team left join lateral unnest(team.organization_access) as one on true
       where team.organization_id = organization.id and case $2 when 'team' then team.id = $3
         when 'user' then exists (select from team_member where team_member.team_id = team.id and account_id = $1)
         else false end
     ) as teams on true
     where ${'id' in key ? 'organization.id = $4' : 'lower(organization.name) = lower($4)'}`,
    [caller.accountId, caller.kind, caller.ownerId, 'id' in key ? key.id : key.name],
  );
  if (row === undefined || !(row.isMember || row.isSiteAdmin)) return undefined;
  return {
    organization: { id: row.id, name: row.name },
    isOwner: row.isSiteAdmin || row.isOwner === true,
    isOrganizationToken: caller.kind === 'organization',
    organizationAccess: new Set(row.organizationAccess ?? []),
    teamIds: row.teamIds ?? [],
  };
}

/** As `loadGrants`, but throws NOT_FOUND. */
export async function requireGrants(tx: Transaction, caller: Caller, key: OrganizationKey): Promise<Grants> {
  const grants = await loadGrants(tx, caller, key);
  if (grants === undefined) throw notFound();
  return grants;
}

export function notFound(): AppError {
  return new AppError('NOT_FOUND', 'not found');
}
