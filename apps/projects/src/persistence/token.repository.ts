import { Injectable } from '@nestjs/common';
import type { TokenOwner } from '@terramesh/contracts';
import { TokenEntity } from './token.entity.js';
import type { Transaction } from './transaction.js';

export interface TokenRow {
  readonly id: string;
  readonly description: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expired_at: Date | null;
  readonly created_by: string | null;
  readonly account_id: string;
  readonly team_id: string | null;
  readonly organization_name: string | null;
}

const source = `select token.id, token.description, token.created_at, token.last_used_at, token.expired_at,
    token.created_by, token.account_id, account.team_id, organization.name as organization_name
  from token join account on account.id = token.account_id
  left join organization on organization.id = account.organization_id`;

@Injectable()
export class TokenRepository {
  async find(tx: Transaction, id: string): Promise<TokenRow | undefined> {
    const [row] = await tx.query<TokenRow[]>(`${source} where token.id = $1`, [id]);
    return row;
  }

  /** The newest first. */
  list(tx: Transaction, accountId: string): Promise<TokenRow[]> {
    return tx.query<TokenRow[]>(`${source} where token.account_id = $1 order by token.created_at desc, token.id`, [
      accountId,
    ]);
  }

  async findSingle(tx: Transaction, accountId: string): Promise<TokenRow | undefined> {
    const [row] = await tx.query<TokenRow[]>(`${source} where token.account_id = $1 and token.is_single`, [accountId]);
    return row;
  }

  /** Whoever makes a token for the same account waits. False when the account is gone. */
  async lockAccount(tx: Transaction, accountId: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>('select 1 from account where id = $1 for no key update', [accountId]);
    return rows.length > 0;
  }

  count(tx: Transaction, accountId: string): Promise<number> {
    return tx.countBy(TokenEntity, { accountId });
  }

  async deleteSingle(tx: Transaction, accountId: string): Promise<void> {
    await tx.delete(TokenEntity, { accountId, isSingle: true });
  }
}

export function ownerOf(row: TokenRow): TokenOwner {
  if (row.team_id !== null) return { kind: 'team', id: row.team_id };
  if (row.organization_name !== null) return { kind: 'organization', id: row.organization_name };
  return { kind: 'user', id: row.account_id };
}
