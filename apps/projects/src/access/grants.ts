// What the place of a caller in an organization lets them do there. Everything else is decided from this.
import { AppError, type Caller } from '@terramesh/contracts';
import { belongs, type GrantRow, grantColumns, grantSource } from '../persistence/grant-query.js';
import type { Transaction } from '../persistence/transaction.js';

export interface Grants {
  readonly organization: { readonly id: string; readonly name: string };
  /** In the owners team, its token, or a site administrator. */
  readonly isOwner: boolean;
  readonly isOrganizationToken: boolean;
  /** `manage-projects`, `read-workspaces` …: of all the caller's teams together. */
  readonly organizationAccess: ReadonlySet<string>;
  readonly teamIds: readonly string[];
  /** Who may delete workspaces that still manage something: a setting of the organization. */
  readonly forceDeletes: 'by-everybody' | 'by-owners';
}

export type OrganizationKey = { readonly id: string } | { readonly name: string };

/** Undefined when there is no such organization, or the caller does not belong to it: both look the same from outside. */
export async function loadGrants(tx: Transaction, caller: Caller, key: OrganizationKey): Promise<Grants | undefined> {
  const isKey = 'id' in key ? 'organization.id = $4' : 'lower(organization.name) = lower($4)';
  const [row] = await tx.query<GrantRow[]>(`select ${grantColumns} from ${grantSource} where ${isKey} and ${belongs}`, [
    ...callerParameters(caller),
    'id' in key ? key.id : key.name,
  ]);
  return row === undefined ? undefined : grantsOf(caller, row);
}

/** As `loadGrants`, but throws NOT_FOUND. */
export async function requireGrants(tx: Transaction, caller: Caller, key: OrganizationKey): Promise<Grants> {
  const grants = await loadGrants(tx, caller, key);
  if (grants === undefined) throw notFound();
  return grants;
}

export function grantsOf({ kind }: Caller, row: GrantRow): Grants {
  return {
    organization: { id: row.id, name: row.name },
    isOwner: row.is_site_admin || row.is_owner === true,
    isOrganizationToken: kind === 'organization',
    organizationAccess: new Set(row.access ?? []),
    teamIds: row.team_ids ?? [],
    forceDeletes: row.allows_force_delete ? 'by-everybody' : 'by-owners',
  };
}

/** $1 to $3 of `grantSource`. */
export function callerParameters({ accountId, kind, ownerId }: Caller): string[] {
  return [accountId, kind, ownerId];
}

export function notFound(): AppError {
  return new AppError('NOT_FOUND', 'not found');
}
