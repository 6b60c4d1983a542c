import { Injectable } from '@nestjs/common';
import type { Caller, PageRequest } from '@terramesh/contracts';
import { containing } from './like.js';
import type { Transaction } from './transaction.js';

export interface AccountRow {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly is_site_admin: boolean;
  readonly team_id: string | null;
  /** Of an organization's service user. */
  readonly organization_name: string | null;
}

const source = `select account.id, account.username, account.email, account.is_site_admin, account.team_id,
    organization.name as organization_name
  from account left join organization on organization.id = account.organization_id`;

@Injectable()
export class AccountRepository {
  async find(tx: Transaction, id: string): Promise<AccountRow | undefined> {
    const [row] = await tx.query<AccountRow[]>(`${source} where account.id = $1`, [id]);
    return row;
  }

  /** Those of these ids that the caller shares an organization with; a person's own and a service user's own too. */
  findKnown(tx: Transaction, { accountId, kind, ownerId }: Caller, ids: readonly string[]): Promise<AccountRow[]> {
    return tx.query<AccountRow[]>(
      `with place as (
         select organization_id from organization_membership where $2 = 'user' and account_id = $1
         union all select organization_id from team where $2 = 'team' and id = $3
         union all select $3 where $2 = 'organization'
       )
       ${source} where account.id = any($4::text[]) and (account.id = $1
         or exists (select from account as own where own.id = $1 and own.is_site_admin)
         or exists (select from organization_membership as membership join place using (organization_id)
           where membership.account_id = account.id)
         or exists (select from place where place.organization_id = account.organization_id)
         or exists (select from place join team using (organization_id) where team.id = account.team_id))`,
      [accountId, kind, ownerId, ids],
    );
  }

  /** People, by username. */
  async list(tx: Transaction, { number, size }: PageRequest, query: string | undefined) {
    const people = 'account.email is not null';
    const matching = '($1::text is null or account.username ilike $1 or account.email ilike $1)';
    const pattern = query === undefined ? null : containing(query);
    const rows = await tx.query<AccountRow[]>(
      `${source} where ${people} and ${matching} order by lower(account.username), account.id limit $2 offset $3`,
      [pattern, size, (number - 1) * size],
    );
    const [counts] = await tx.query<[{ total: number; matching: number }]>(
      `select count(*)::int as total, count(*) filter (where ${matching})::int as matching from account where ${people}`,
      [pattern],
    );
    return { rows, ...counts };
  }

  /** By the address or the name of a person. */
  async findPerson(
    tx: Transaction,
    by: { readonly email?: string | undefined; readonly username?: string | undefined },
  ) {
    const [row] = await tx.query<AccountRow[]>(
      `${source} where account.email is not null and (lower(account.email) = lower($1) or lower(account.username) = lower($2))`,
      [by.email ?? null, by.username ?? null],
    );
    return row;
  }

  /** The account gets into no organization and no team until `tx` ends. */
  async lock(tx: Transaction, id: string): Promise<void> {
    await tx.query('select from account where id = $1 for update', [id]);
  }

  /** Whoever changes who is a site administrator waits. */
  async lockSiteAdministrators(tx: Transaction): Promise<void> {
    await tx.query('select from installation where id = 1 for update');
  }

  async isOtherSiteAdministrator(tx: Transaction, id: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>('select 1 from account where is_site_admin and id <> $1 limit 1', [id]);
    return rows.length > 0;
  }
}
