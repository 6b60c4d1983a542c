import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, Token, tokens } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { ownerOf, TokenRepository } from '../persistence/token.repository.js';
import { TokenOwners } from './token-owners.js';
import { tokenView } from './token-view.js';

@Injectable()
export class FindTokens {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly owners: TokenOwners,
    private readonly tokens: TokenRepository,
  ) {}

  async list({ caller, owner }: ParsedInput<typeof tokens.list>): Promise<HandlerResult<typeof tokens.list>> {
    const { manager } = this.database.dataSource;
    const acting = await this.owners.open(manager, caller, owner, 'use');
    const accountId = await this.owners.findAccount(manager, acting);
    const rows = accountId === undefined ? [] : await this.tokens.list(manager, accountId);
    return { items: rows.map(tokenView) };
  }

  async showSingle({ caller, owner }: ParsedInput<typeof tokens.showSingle>): Promise<Token> {
    const { manager } = this.database.dataSource;
    const acting = await this.owners.open(manager, caller, owner, 'use');
    const accountId = await this.owners.findAccount(manager, acting);
    const row = accountId === undefined ? undefined : await this.tokens.findSingle(manager, accountId);
    if (row === undefined) throw notFound();
    return tokenView(row);
  }

  async show({ caller, id }: ParsedInput<typeof tokens.show>): Promise<Token> {
    const { manager } = this.database.dataSource;
    const row = await this.tokens.find(manager, id);
    if (row === undefined) throw notFound();
    await this.owners.open(manager, caller, ownerOf(row), 'use');
    return tokenView(row);
  }
}
