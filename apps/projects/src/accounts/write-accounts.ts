import { Injectable } from '@nestjs/common';
import {
  type Account,
  AppError,
  type accounts,
  CreateAccountDocument,
  type ParsedInput,
  parseDocument,
  UpdateAccountDocument,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { isSiteAdministrator, requireSiteAdministrator } from '../access/site-administrator.js';
import { newId } from '../domain/ids.js';
import { AccountEntity } from '../persistence/account.entity.js';
import { AccountRepository } from '../persistence/account.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamRepository } from '../persistence/team.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { lastOwner } from '../teams/change-members.js';
import { write } from '../write.js';
import { accountView } from './account-view.js';

@Injectable()
export class WriteAccounts {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly accounts: AccountRepository,
    private readonly teams: TeamRepository,
  ) {}

  create({ caller, document }: ParsedInput<typeof accounts.create>): Promise<Account> {
    return write(this.database, async (tx) => {
      await requireSiteAdministrator(tx, caller);
      const { attributes } = parseDocument(CreateAccountDocument, document).data;
      const { username, email } = attributes;
      const id = newId('user');
      await tx.insert(AccountEntity, { id, username, email, isSiteAdmin: attributes['is-admin'] ?? false });
      return this.viewOf(tx, caller, id);
    });
  }

  updateOwn({ caller, document }: ParsedInput<typeof accounts.updateOwn>): Promise<Account> {
    return write(this.database, async (tx) => {
      if (caller.kind !== 'user') throw notFound();
      const { username, email } = parseDocument(UpdateAccountDocument, document).data.attributes;
      const change = { ...(username === undefined ? {} : { username }), ...(email === undefined ? {} : { email }) };
      if (Object.keys(change).length > 0) await tx.update(AccountEntity, { id: caller.accountId }, change);
      return this.viewOf(tx, caller, caller.accountId);
    });
  }

  async delete({ caller, id }: ParsedInput<typeof accounts.delete>): Promise<Record<string, never>> {
    await write(this.database, async (tx) => {
      await requireSiteAdministrator(tx, caller);
      await this.requirePerson(tx, id);
      await this.accounts.lockSiteAdministrators(tx);
      await this.requireOtherSiteAdministrator(tx, id);
      await this.accounts.lock(tx, id);
      for (const team of await this.teams.lockOwnersTeamsOf(tx, id)) {
        if ((await this.teams.countMembers(tx, team.id)) <= 1) throw lastOwner();
      }
      await tx.delete(AccountEntity, { id });
    });
    return {};
  }

  setSiteAdmin({ caller, id, isSiteAdmin }: ParsedInput<typeof accounts.setSiteAdmin>): Promise<Account> {
    return write(this.database, async (tx) => {
      await requireSiteAdministrator(tx, caller);
      await this.requirePerson(tx, id);
      await this.accounts.lockSiteAdministrators(tx);
      if (!isSiteAdmin) await this.requireOtherSiteAdministrator(tx, id);
      await tx.update(AccountEntity, { id }, { isSiteAdmin });
      return this.viewOf(tx, caller, id);
    });
  }

  private async requireOtherSiteAdministrator(tx: Transaction, id: string): Promise<void> {
    if (await this.accounts.isOtherSiteAdministrator(tx, id)) return;
    throw new AppError('FORBIDDEN', 'somebody has to be a site administrator');
  }

  private async requirePerson(tx: Transaction, id: string): Promise<void> {
    const row = await this.accounts.find(tx, id);
    // A service user lives as long as its team or organization.
    if (row === undefined || row.email === null) throw notFound();
  }

  private async viewOf(tx: Transaction, caller: ParsedInput<typeof accounts.details>['caller'], id: string) {
    const row = await this.accounts.find(tx, id);
    if (row === undefined) throw notFound();
    return accountView(row, { caller, isSiteAdmin: await isSiteAdministrator(tx, caller) });
  }
}
