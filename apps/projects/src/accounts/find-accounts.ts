import { Injectable } from '@nestjs/common';
import type { Account, accounts, Caller, HandlerResult, ParsedInput } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { isSiteAdministrator, requireSiteAdministrator } from '../access/site-administrator.js';
import { AccountRepository } from '../persistence/account.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { accountView } from './account-view.js';

@Injectable()
export class FindAccounts {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly accounts: AccountRepository,
  ) {}

  show({ caller, id }: ParsedInput<typeof accounts.show>): Promise<Account> {
    return this.one(caller, id);
  }

  details({ caller }: ParsedInput<typeof accounts.details>): Promise<Account> {
    return this.one(caller, caller.accountId);
  }

  async find({ caller, ids }: ParsedInput<typeof accounts.find>): Promise<HandlerResult<typeof accounts.find>> {
    const { manager } = this.database.dataSource;
    const rows = await this.accounts.findKnown(manager, caller, ids);
    const isSiteAdmin = await isSiteAdministrator(manager, caller);
    return { items: rows.map((row) => accountView(row, { caller, isSiteAdmin })) };
  }

  async list(request: ParsedInput<typeof accounts.list>): Promise<HandlerResult<typeof accounts.list>> {
    const { caller, page, query } = request;
    const { manager } = this.database.dataSource;
    await requireSiteAdministrator(manager, caller);
    const { rows, total, matching } = await this.accounts.list(manager, page, query);
    return { items: rows.map((row) => accountView(row, { caller, isSiteAdmin: true })), total, matching };
  }

  private async one(caller: Caller, id: string): Promise<Account> {
    const { items } = await this.find({ caller, ids: [id] });
    const [account] = items;
    if (account === undefined) throw notFound();
    return account;
  }
}
