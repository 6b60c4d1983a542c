import { Injectable } from '@nestjs/common';
import type { PageRequest, TagBinding } from '@terramesh/contracts';
import { newId } from '../domain/ids.js';
import type { TagChanges } from '../domain/tags.js';
import type { Transaction } from './transaction.js';

/** One tag's name as a workspace has it. */
export interface TagNameRow {
  readonly name: string;
  readonly createdAt: Date;
  readonly instanceCount: number;
}

/** Lock the workspace first to change its tags. */
@Injectable()
export class WorkspaceTagRepository {
  /** In the order in which they came. */
  bindings(tx: Transaction, workspaceId: string): Promise<TagBinding[]> {
    return tx.query<TagBinding[]>(
      `select id, key, value from workspace_tag where workspace_id = $1 and kind = 'binding' order by position`,
      [workspaceId],
    );
  }

  async writeBindings(tx: Transaction, workspaceId: string, { added, changed, removed }: TagChanges): Promise<void> {
    if (removed.length > 0) {
      await tx.query(
        `delete from workspace_tag where workspace_id = $1 and kind = 'binding' and key = any($2::text[])`,
        [workspaceId, removed],
      );
    }
    for (const { key, value } of changed) {
      await tx.query(`update workspace_tag set value = $3 where workspace_id = $1 and kind = 'binding' and key = $2`, [
        workspaceId,
        key,
        value,
      ]);
    }
    await this.insert(tx, { workspaceId, kind: 'binding' }, added);
  }

  /** Names that it has already stay as they are. */
  addNames(tx: Transaction, workspaceId: string, names: readonly string[]): Promise<void> {
    const tags = names.map((key) => ({ key, value: '' }));
    return this.insert(tx, { workspaceId, kind: 'name' }, tags);
  }

  async removeNames(tx: Transaction, workspaceId: string, names: readonly string[]): Promise<void> {
    await tx.query(`delete from workspace_tag where workspace_id = $1 and kind = 'name' and key = any($2::text[])`, [
      workspaceId,
      names,
    ]);
  }

  async countNames(tx: Transaction, workspaceId: string): Promise<number> {
    const [row] = await tx.query<{ count: number }[]>(
      `select count(*)::int as count from workspace_tag where workspace_id = $1 and kind = 'name'`,
      [workspaceId],
    );
    return row?.count ?? 0;
  }

  pageOfNames(tx: Transaction, workspaceId: string, page: PageRequest): Promise<TagNameRow[]> {
    return tx.query<TagNameRow[]>(
      `select own.key as name,
         (select min(other.created_at) from workspace_tag other join workspace on workspace.id = other.workspace_id
          where other.kind = 'name' and other.key = own.key
            and workspace.organization_id = w.organization_id) as "createdAt",
         (select count(*)::int from workspace_tag other join workspace on workspace.id = other.workspace_id
          where other.kind = 'name' and other.key = own.key
            and workspace.organization_id = w.organization_id) as "instanceCount"
       from workspace_tag own join workspace w on w.id = own.workspace_id
       where own.workspace_id = $1 and own.kind = 'name' order by own.key limit $2 offset $3`,
      [workspaceId, page.size, (page.number - 1) * page.size],
    );
  }

  /** The names of the tags that workspaces of the organization have, for ids that are made from names. */
  async namesOfOrganization(tx: Transaction, organizationId: string): Promise<string[]> {
    const rows = await tx.query<{ key: string }[]>(
      `select distinct t.key from workspace_tag t join workspace w on w.id = t.workspace_id
       where t.kind = 'name' and w.organization_id = $1`,
      [organizationId],
    );
    return rows.map(({ key }) => key);
  }

  private async insert(
    tx: Transaction,
    { workspaceId, kind }: { workspaceId: string; kind: 'name' | 'binding' },
    tags: readonly { key: string; value: string }[],
  ): Promise<void> {
    for (const { key, value } of tags) {
      await tx.query(
        `insert into workspace_tag (id, workspace_id, kind, key, value) values ($1, $2, $3, $4, $5)
         on conflict (workspace_id, kind, key) do nothing`,
        [newId('tb'), workspaceId, kind, key, value],
      );
    }
  }
}
