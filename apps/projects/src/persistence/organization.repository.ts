import { Injectable } from '@nestjs/common';
import type { Caller, OrganizationSettings, PageRequest } from '@terramesh/contracts';
import { callerParameters, type Grants, grantsOf, type OrganizationKey } from '../access/grants.js';
import { belongs, type GrantRow, grantColumns, grantSource } from './grant-query.js';
import { containing } from './like.js';
import type { Transaction } from './transaction.js';

export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly settings: Partial<OrganizationSettings>;
  readonly created_at: Date;
  readonly default_project_id: string | null;
}

export interface FoundOrganization {
  readonly row: OrganizationRow;
  readonly grants: Grants;
}

const columns = `${grantColumns}, organization.email, organization.settings, organization.created_at,
  (select project.id from project where project.organization_id = organization.id and project.is_default)
    as default_project_id`;

@Injectable()
export class OrganizationRepository {
  /** Undefined for one that the caller may not know of. */
  async find(tx: Transaction, caller: Caller, key: OrganizationKey): Promise<FoundOrganization | undefined> {
    const isKey = 'id' in key ? 'organization.id = $4' : 'lower(organization.name) = lower($4)';
    const [row] = await tx.query<(OrganizationRow & GrantRow)[]>(
      `select ${columns} from ${grantSource} where ${isKey} and ${belongs}`,
      [...callerParameters(caller), 'id' in key ? key.id : key.name],
    );
    return row && { row, grants: grantsOf(caller, row) };
  }

  /** A page of those that the caller belongs to, by name. */
  async list(tx: Transaction, caller: Caller, { number, size }: PageRequest, query: string | undefined) {
    const matches = '($4::text is null or organization.name ilike $4 or organization.email ilike $4)';
    const parameters = [...callerParameters(caller), query === undefined ? null : containing(query)];
    const rows = await tx.query<(OrganizationRow & GrantRow)[]>(
      `select ${columns} from ${grantSource} where ${belongs} and ${matches}
       order by lower(organization.name), organization.id limit $5 offset $6`,
      [...parameters, size, (number - 1) * size],
    );
    const [counts] = await tx.query<[{ total: number; matching: number }]>(
      `select count(*)::int as total, count(*) filter (where ${matches})::int as matching
       from ${grantSource} where ${belongs}`,
      parameters,
    );
    return { found: rows.map((row) => ({ row, grants: grantsOf(caller, row) })), ...counts };
  }

  /** The row of what changes or goes; others who change it, or add something to it, wait. False when it is gone. */
  async lock(tx: Transaction, id: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>('select 1 from organization where id = $1 for update', [id]);
    return rows.length > 0;
  }
}
