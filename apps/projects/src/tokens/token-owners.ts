// Whose tokens are meant, and whether the caller may have to do with them.
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller, TokenOwner } from '@terramesh/contracts';
import { notFound, requireGrants } from '../access/grants.js';
import { isSiteAdministrator } from '../access/site-administrator.js';
import { canManageOrganization, teamPermissions } from '../domain/identity-rules.js';
import { newId } from '../domain/ids.js';
import { AccountRepository } from '../persistence/account.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { OpenTeam } from '../teams/open-team.js';
import { teamFacts } from '../teams/team-view.js';

/** `use` also covers looking at them and taking them back. */
export type TokenRight = 'make' | 'use';

/** Who acts with the token: a person, or the service user that belongs to one of these. */
export type Acting = { readonly accountId: string } | { readonly teamId: string } | { readonly organizationId: string };

@Injectable()
export class TokenOwners {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly openTeam: OpenTeam,
  ) {}

  /** Throws NOT_FOUND when the caller has no business with these tokens. */
  async open(tx: Transaction, caller: Caller, owner: TokenOwner, right: TokenRight): Promise<Acting> {
    if (owner.kind === 'user') return this.openPerson(tx, caller, owner.id);
    if (owner.kind === 'team') {
      const { row, grants } = await this.openTeam.open(tx, caller, owner.id);
      if (!teamPermissions(grants, teamFacts(row)).canUpdateApiToken) throw notFound();
      return { teamId: row.id };
    }
    const grants = await requireGrants(tx, caller, { name: owner.id });
    // The token of an organization may do away with itself, but makes no other.
    const isAllowed = canManageOrganization(grants) || (right === 'use' && grants.isOrganizationToken);
    if (!isAllowed) throw notFound();
    return { organizationId: grants.organization.id };
  }

  /** The account behind it; a service user is made when there is none yet. */
  async accountOf(tx: Transaction, acting: Acting): Promise<string> {
    if ('accountId' in acting) return acting.accountId;
    const known = await this.findAccount(tx, acting);
    if (known !== undefined) return known;
    const [column, id, kind] =
      'teamId' in acting ? ['team_id', acting.teamId, 'team'] : ['organization_id', acting.organizationId, 'org'];
    await tx.query(
      `insert into account (id, username, ${column}) values ($1, $2, $3) on conflict (${column}) do nothing`,
      [newId('user'), `api-${kind}-${randomBytes(6).toString('hex')}`, id],
    );
    const made = await this.findAccount(tx, acting);
    if (made === undefined) throw notFound();
    return made;
  }

  /** Undefined while it has no service user. */
  async findAccount(tx: Transaction, acting: Acting): Promise<string | undefined> {
    if ('accountId' in acting) return acting.accountId;
    const [column, id] = 'teamId' in acting ? ['team_id', acting.teamId] : ['organization_id', acting.organizationId];
    const [row] = await tx.query<{ id: string }[]>(`select id from account where ${column} = $1`, [id]);
    return row?.id;
  }

  private async openPerson(tx: Transaction, caller: Caller, id: string): Promise<Acting> {
    const isOwn = caller.kind === 'user' && caller.accountId === id;
    if (!isOwn && !(await isSiteAdministrator(tx, caller))) throw notFound();
    const row = await this.accounts.find(tx, id);
    if (row === undefined || row.email === null) throw notFound();
    return { accountId: id };
  }
}
