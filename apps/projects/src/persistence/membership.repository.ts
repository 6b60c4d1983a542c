import { Injectable } from '@nestjs/common';
import type { PageRequest } from '@terramesh/contracts';
import { containing } from './like.js';
import type { Transaction } from './transaction.js';

export interface MembershipRow {
  readonly id: string;
  readonly organization_id: string;
  readonly organization_name: string;
  readonly account_id: string;
  readonly username: string;
  readonly email: string;
  readonly is_site_admin: boolean;
  readonly created_at: Date;
  readonly team_ids: string[];
  /** Those of them that not every member may know of. */
  readonly secret_team_ids: string[];
}

export interface MembershipFilter {
  /** One of the two. */
  readonly organizationId: string | null;
  readonly accountId: string | null;
  readonly query: string | undefined;
  readonly emails: readonly string[] | undefined;
}

const from = `from organization_membership as membership
  join organization on organization.id = membership.organization_id
  join account on account.id = membership.account_id`;

const joined = `cross join lateral (
    select coalesce(array_agg(id order by id), '{}') as team_ids,
      coalesce(array_agg(id order by id) filter (where visibility = 'secret'), '{}') as secret_team_ids
    from (
      select team.id, team.visibility from team_member join team on team.id = team_member.team_id
      where team_member.account_id = membership.account_id
        and team_member.organization_id = membership.organization_id
      order by team.id limit 1000
    ) as team
  ) as joined`;

const columns = `membership.id, membership.organization_id, organization.name as organization_name,
  membership.account_id, account.username, account.email, account.is_site_admin, membership.created_at,
  joined.team_ids, joined.secret_team_ids`;

@Injectable()
export class MembershipRepository {
  async find(tx: Transaction, id: string): Promise<MembershipRow | undefined> {
    const [row] = await tx.query<MembershipRow[]>(`select ${columns} ${from} ${joined} where membership.id = $1`, [id]);
    return row;
  }

  findAll(tx: Transaction, ids: readonly string[]): Promise<MembershipRow[]> {
    return tx.query<MembershipRow[]>(`select ${columns} ${from} ${joined} where membership.id = any($1::text[])`, [
      ids,
    ]);
  }

  async list(tx: Transaction, filter: MembershipFilter, { number, size }: PageRequest) {
    const visible = '($1::text is null or membership.organization_id = $1) and ($2::text is null or account.id = $2)';
    const matching = `($3::text is null or account.username ilike $3 or account.email ilike $3)
      and ($4::text[] is null or lower(account.email) = any($4))`;
    const { organizationId, accountId, query, emails } = filter;
    const parameters = [
      organizationId,
      accountId,
      query === undefined ? null : containing(query),
      emails?.map((email) => email.toLowerCase()) ?? null,
    ];
    const rows = await tx.query<MembershipRow[]>(
      `select ${columns} ${from} ${joined} where ${visible} and ${matching}
       order by lower(account.username), membership.id limit $5 offset $6`,
      [...parameters, size, (number - 1) * size],
    );
    const [counts] = await tx.query<[{ total: number; matching: number }]>(
      `select count(*)::int as total, count(*) filter (where ${matching})::int as matching ${from} where ${visible}`,
      parameters,
    );
    return { rows, ...counts };
  }

  /** Breaks `organization_membership_once` when the account is a member already. */
  async insert(tx: Transaction, membership: { id: string; organizationId: string; accountId: string }): Promise<void> {
    await tx.query('insert into organization_membership (id, organization_id, account_id) values ($1, $2, $3)', [
      membership.id,
      membership.organizationId,
      membership.accountId,
    ]);
  }

  /** Also leaves the organization's teams. */
  async delete(tx: Transaction, id: string): Promise<void> {
    await tx.query('delete from organization_membership where id = $1', [id]);
  }
}
