import type { Caller } from '@terramesh/contracts';
import { AccountEntity } from '../persistence/account.entity.js';
import type { Transaction } from '../persistence/transaction.js';
import { notFound } from './grants.js';

export async function isSiteAdministrator(tx: Transaction, { kind, accountId }: Caller): Promise<boolean> {
  return kind === 'user' && (await tx.existsBy(AccountEntity, { id: accountId, isSiteAdmin: true }));
}

/** Throws NOT_FOUND: what is for site administrators does not exist for others. */
export async function requireSiteAdministrator(tx: Transaction, caller: Caller): Promise<void> {
  if (!(await isSiteAdministrator(tx, caller))) throw notFound();
}
