import { Injectable } from '@nestjs/common';
import type { PageRequest } from '@terramesh/contracts';
import { containing } from './like.js';
import type { Transaction } from './transaction.js';

export interface TeamRow {
  readonly id: string;
  readonly organization_id: string;
  readonly organization_name: string;
  readonly name: string;
  readonly is_owners: boolean;
  readonly organization_access: string[];
  readonly visibility: 'secret' | 'organization';
  readonly sso_team_id: string | null;
  readonly allow_member_token_management: boolean;
  readonly users_count: number;
  readonly account_ids: string[] | null;
  readonly membership_ids: string[] | null;
}

export interface TeamFilter {
  readonly organizationId: string;
  /** Also the secret teams that are none of `teamIds`. */
  readonly secret: 'seen' | 'hidden';
  readonly teamIds: readonly string[];
  readonly names: readonly string[] | undefined;
  readonly query: string | undefined;
}

/** What decides who may do what with a team. */
export type TeamStanding = Pick<
  TeamRow,
  'id' | 'organization_id' | 'is_owners' | 'visibility' | 'allow_member_token_management'
>;

export interface OrganizationMember {
  readonly account_id: string;
  readonly membership_id: string;
  readonly username: string;
}

/** A team's members are shown all at once. */
export const maxMembers = 10_000;

/** So that a page of the largest teams is still a message. */
const shownMembers = { page: 100, one: maxMembers };

const teamSource = (members: number) => `select team.id, team.organization_id, organization.name as organization_name,
    team.name, team.is_owners, team.organization_access, team.visibility, team.sso_team_id,
    team.allow_member_token_management, members.account_ids, members.membership_ids,
    (select count(*)::int from team_member where team_member.team_id = team.id) as users_count
  from team join organization on organization.id = team.organization_id
  left join lateral (
    select array_agg(member.account_id order by member.account_id) as account_ids,
      array_agg(member.id order by member.account_id) as membership_ids
    from (
      select membership.account_id, membership.id from team_member
      join organization_membership as membership on membership.account_id = team_member.account_id
        and membership.organization_id = team_member.organization_id
      where team_member.team_id = team.id order by membership.account_id limit ${members}
    ) as member
  ) as members on true`;

@Injectable()
export class TeamRepository {
  async find(tx: Transaction, id: string): Promise<TeamRow | undefined> {
    const [row] = await tx.query<TeamRow[]>(`${teamSource(shownMembers.one)} where team.id = $1`, [id]);
    return row;
  }

  /** Those of these that there are. */
  findStandings(tx: Transaction, ids: readonly string[]): Promise<TeamStanding[]> {
    return tx.query<TeamStanding[]>(
      `select id, organization_id, is_owners, visibility, allow_member_token_management
       from team where id = any($1::text[])`,
      [ids],
    );
  }

  async list(tx: Transaction, filter: TeamFilter, { number, size }: PageRequest) {
    const { organizationId, secret, teamIds, names, query } = filter;
    const visible = `team.organization_id = $1
      and ($2 or team.visibility = 'organization' or team.id = any($3::text[]))`;
    const matching = `($4::text[] is null or lower(team.name) = any($4)) and ($5::text is null or team.name ilike $5)`;
    const parameters = [
      organizationId,
      secret === 'seen',
      teamIds,
      names?.map((name) => name.toLowerCase()) ?? null,
      query === undefined ? null : containing(query),
    ];
    const rows = await tx.query<TeamRow[]>(
      `${teamSource(shownMembers.page)} where ${visible} and ${matching}
       order by lower(team.name), team.id limit $6 offset $7`,
      [...parameters, size, (number - 1) * size],
    );
    const [counts] = await tx.query<[{ total: number; matching: number }]>(
      `select count(*)::int as total, count(*) filter (where ${matching})::int as matching from team where ${visible}`,
      parameters,
    );
    return { rows, ...counts };
  }

  /** Whoever changes the members of the same team waits. False when it is gone. */
  async lock(tx: Transaction, id: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>('select 1 from team where id = $1 for update', [id]);
    return rows.length > 0;
  }

  /** Members of the organization who have one of these usernames or account ids. */
  membersByUser(tx: Transaction, organizationId: string, users: readonly string[]): Promise<OrganizationMember[]> {
    return tx.query<OrganizationMember[]>(
      `select account.id as account_id, membership.id as membership_id, account.username
       from organization_membership as membership join account on account.id = membership.account_id
       where membership.organization_id = $1
         and (lower(account.username) = any($2::text[]) or account.id = any($3::text[]))`,
      [organizationId, users.map((user) => user.toLowerCase()), users],
    );
  }

  membersByMembership(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<OrganizationMember[]> {
    return tx.query<OrganizationMember[]>(
      `select account.id as account_id, membership.id as membership_id, account.username
       from organization_membership as membership join account on account.id = membership.account_id
       where membership.organization_id = $1 and membership.id = any($2::text[])`,
      [organizationId, ids],
    );
  }

  async addMembers(tx: Transaction, team: Pick<TeamRow, 'id' | 'organization_id'>, accountIds: readonly string[]) {
    await tx.query(
      `insert into team_member (team_id, organization_id, account_id) select $1, $2, unnest($3::text[])
       on conflict do nothing`,
      [team.id, team.organization_id, accountIds],
    );
  }

  /** Into all of these teams of the organization. */
  async join(tx: Transaction, teamIds: readonly string[], member: { organizationId: string; accountId: string }) {
    await tx.query(
      `insert into team_member (team_id, organization_id, account_id) select unnest($1::text[]), $2, $3
       on conflict do nothing`,
      [teamIds, member.organizationId, member.accountId],
    );
  }

  /** Whether one of these teams has more members than a team may have. */
  async isAnyTooLarge(tx: Transaction, teamIds: readonly string[]): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `select 1 from team_member where team_id = any($1::text[]) group by team_id having count(*) > ${maxMembers} limit 1`,
      [teamIds],
    );
    return rows.length > 0;
  }

  async removeMembers(tx: Transaction, teamId: string, accountIds: readonly string[]): Promise<void> {
    await tx.query('delete from team_member where team_id = $1 and account_id = any($2::text[])', [teamId, accountIds]);
  }

  async countMembers(tx: Transaction, teamId: string): Promise<number> {
    const [row] = await tx.query<[{ count: number }]>(
      'select count(*)::int as count from team_member where team_id = $1',
      [teamId],
    );
    return row.count;
  }

  async isMember(tx: Transaction, teamId: string, accountId: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>('select 1 from team_member where team_id = $1 and account_id = $2', [
      teamId,
      accountId,
    ]);
    return rows.length > 0;
  }

  /** Its id. Nobody becomes an owner of the organization, or ceases to be one, until `tx` ends. */
  async lockOwners(tx: Transaction, organizationId: string): Promise<string | undefined> {
    const [row] = await tx.query<{ id: string }[]>(
      'select id from team where organization_id = $1 and is_owners for update',
      [organizationId],
    );
    return row?.id;
  }

  /**
   * The owners' teams that this account is in, locked until `tx` ends, always in the same order. Lock the account first,
   * or it may get into another one meanwhile.
   */
  lockOwnersTeamsOf(tx: Transaction, accountId: string): Promise<{ readonly id: string }[]> {
    return tx.query<{ id: string }[]>(
      `select team.id from team where team.is_owners
       and exists (select from team_member where team_member.team_id = team.id and team_member.account_id = $1)
       order by team.id for update`,
      [accountId],
    );
  }
}
