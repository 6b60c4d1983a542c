// The first administrator, the one whose token is a setting, and the way back in for whoever lost every token.
import { randomBytes } from 'node:crypto';
import { hashToken, newToken } from '@terramesh/contracts';
import type { Database } from '@terramesh/database';
import { newId } from '../domain/ids.js';
import { AccountEntity } from '../persistence/account.entity.js';
import { TokenEntity } from '../persistence/token.entity.js';
import type { Transaction } from '../persistence/transaction.js';

/** What a start finds: a token that was just made, to be shown once, or nothing to show. */
export type FirstToken = string | undefined;

/**
 * Of any number of replicas that start at once on an empty database, one makes the administrator. With a configured
 * token there is nothing to show: it becomes the administrator's, and what was configured before it is worth nothing.
 */
export function ensureAdministrator(database: Database, configuredToken: string | undefined): Promise<FirstToken> {
  return database.transaction(async (tx) => {
    const isFirst = await beginInstallation(tx);
    if (configuredToken !== undefined) {
      await setConfiguredToken(tx, configuredToken);
      return undefined;
    }
    if (!isFirst) return undefined;
    return addToken(tx, await administratorId(tx), 'made at the first start');
  });
}

export interface Recovery {
  /** `all`: every other token of the administrator is worth nothing from now on. */
  readonly revoke: 'none' | 'all';
}

/** A new token of the administrator, who is made again when somebody deleted the account. */
export function recoverAdministrator(database: Database, { revoke }: Recovery): Promise<string> {
  return database.transaction(async (tx) => {
    await beginInstallation(tx);
    const accountId = await administratorId(tx);
    if (revoke === 'all') await tx.delete(TokenEntity, { accountId });
    return addToken(tx, accountId, 'made by admin-token');
  });
}

/** Locks the installation's row until `tx` ends. True for the one that made it. */
async function beginInstallation(tx: Transaction): Promise<boolean> {
  const made = await tx.query<unknown[]>(
    'insert into installation (id, made_at) values (1, now()) on conflict do nothing returning id',
  );
  await tx.query('select from installation where id = 1 for update');
  return made.length > 0;
}

async function administratorId(tx: Transaction): Promise<string> {
  const [row] = await tx.query<{ id: string | null }[]>('select administrator_id as id from installation where id = 1');
  if (typeof row?.id === 'string') {
    await tx.update(AccountEntity, { id: row.id }, { isSiteAdmin: true });
    return row.id;
  }
  const isTaken = await tx.existsBy(AccountEntity, { username: 'admin' });
  const username = isTaken ? `admin-${randomBytes(4).toString('hex')}` : 'admin';
  const account = { id: newId('user'), username, email: `${username}@localhost`, isSiteAdmin: true };
  await tx.insert(AccountEntity, account);
  await tx.query('update installation set administrator_id = $1 where id = 1', [account.id]);
  return account.id;
}

async function addToken(tx: Transaction, accountId: string, description: string): Promise<string> {
  const token = newToken();
  await tx.insert(TokenEntity, { id: newId('at'), hash: hashToken(token), accountId, description });
  return token;
}

async function setConfiguredToken(tx: Transaction, token: string): Promise<void> {
  const accountId = await administratorId(tx);
  const hash = hashToken(token);
  const known = await tx.findOneBy(TokenEntity, { hash });
  if (known?.accountId === accountId && known.isSingle) return;
  await tx.delete(TokenEntity, { accountId, isSingle: true });
  await tx.delete(TokenEntity, { hash });
  const description = 'TERRAMESH_ADMIN_TOKEN';
  await tx.insert(TokenEntity, { id: newId('at'), hash, accountId, description, isSingle: true });
}
