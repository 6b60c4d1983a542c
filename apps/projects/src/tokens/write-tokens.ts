import { Injectable } from '@nestjs/common';
import {
  AppError,
  CreateTokenDocument,
  type ParsedInput,
  parseDocument,
  type Token,
  type tokens,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { newId } from '../domain/ids.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TokenEntity } from '../persistence/token.entity.js';
import { ownerOf, TokenRepository } from '../persistence/token.repository.js';
import { write } from '../write.js';
import { TokenOwners } from './token-owners.js';
import { tokenView } from './token-view.js';

/** They are listed all at once. */
const maxTokens = 500;

@Injectable()
export class WriteTokens {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly owners: TokenOwners,
    private readonly tokens: TokenRepository,
  ) {}

  create(request: ParsedInput<typeof tokens.create>): Promise<Token> {
    const { caller, owner, document, tokenHash, as } = request;
    return write(this.database, async (tx) => {
      const acting = await this.owners.open(tx, caller, owner, 'make');
      const { attributes } = parseDocument(CreateTokenDocument, document ?? { data: {} }).data;
      const accountId = await this.owners.accountOf(tx, acting);
      if (!(await this.tokens.lockAccount(tx, accountId))) throw notFound();
      if (as === 'single') await this.tokens.deleteSingle(tx, accountId);
      if ((await this.tokens.count(tx, accountId)) >= maxTokens) {
        throw new AppError('CONFLICT', `there may be ${maxTokens} tokens at most; delete some`);
      }
      const id = newId('at');
      await tx.insert(TokenEntity, {
        id,
        hash: tokenHash,
        accountId,
        createdBy: caller.accountId,
        description: attributes?.description ?? '',
        isSingle: as === 'single',
        expiredAt: typeof attributes?.['expired-at'] === 'string' ? new Date(attributes['expired-at']) : null,
      });
      const row = await this.tokens.find(tx, id);
      if (row === undefined) throw new Error('a token just inserted is there');
      return tokenView(row);
    });
  }

  async delete({ caller, id }: ParsedInput<typeof tokens.delete>): Promise<Record<string, never>> {
    await write(this.database, async (tx) => {
      const row = await this.tokens.find(tx, id);
      if (row === undefined) throw notFound();
      await this.owners.open(tx, caller, ownerOf(row), 'use');
      const { affected } = await tx.delete(TokenEntity, { id });
      if (affected === 0) throw notFound();
    });
    return {};
  }

  async deleteSingle({ caller, owner }: ParsedInput<typeof tokens.deleteSingle>): Promise<Record<string, never>> {
    await write(this.database, async (tx) => {
      const acting = await this.owners.open(tx, caller, owner, 'use');
      const accountId = await this.owners.findAccount(tx, acting);
      const row = accountId === undefined ? undefined : await this.tokens.findSingle(tx, accountId);
      if (row === undefined) throw notFound();
      await tx.delete(TokenEntity, { id: row.id });
    });
    return {};
  }
}
