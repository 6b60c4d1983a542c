// The place of one caller in organizations, in SQL: $1 account, $2 kind of the token, $3 its owner.

export interface GrantRow {
  readonly id: string;
  readonly name: string;
  readonly is_site_admin: boolean;
  /** Null without any team. */
  readonly is_owner: boolean | null;
  readonly team_ids: string[] | null;
  readonly access: string[] | null;
  readonly allows_force_delete: boolean;
}

export const grantColumns = `organization.id, organization.name, coalesce(account.is_site_admin, false) as is_site_admin,
  place.is_owner, place.team_ids, place.access,
  coalesce((organization.settings->>'allowForceDeleteWorkspaces')::boolean, true) as allows_force_delete`;

/** Every organization with the caller's teams in it. */
export const grantSource = `organization
  left join account on account.id = $1
  left join lateral (
    select array_agg(distinct team.id) as team_ids, bool_or(team.is_owners) as is_owner,
      array_agg(distinct one) filter (where one is not null) as access
    from team left join lateral unnest(team.organization_access) as one on true
    where team.organization_id = organization.id and case $2 when 'team' then team.id = $3
      when 'user' then exists (
        select from team_member where team_member.team_id = team.id and team_member.account_id = $1)
      else false end
  ) as place on true`;

/** Whether the caller may know that the organization is there. */
export const belongs = `(coalesce(account.is_site_admin, false) or case $2 when 'organization' then organization.id = $3
  when 'team' then place.team_ids is not null
  else exists (select from organization_membership as membership
    where membership.organization_id = organization.id and membership.account_id = $1) end)`;
