// Tags of workspaces: names, and bindings of keys to values. They are kept apart, as clients do it.
import { Injectable } from '@nestjs/common';
import {
  AppError,
  documentError,
  type HandlerResult,
  maxTagNames,
  type ParsedInput,
  parseDocument,
  TagBindingsDocument,
  TagNamesDocument,
  type UpdateWorkspaceDocument,
  type workspaces,
} from '@terramesh/contracts';
import type { z } from 'zod';
import { tagId } from '../domain/tag-id.js';
import { tagChanges } from '../domain/tags.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import type { Transaction } from '../persistence/transaction.js';
import { WorkspaceRepository } from '../persistence/workspace.repository.js';
import { WorkspaceTagRepository } from '../persistence/workspace-tag.repository.js';
import { write } from '../write.js';
import { OpenWorkspace } from './open-workspace.js';

type Relationships = z.output<typeof UpdateWorkspaceDocument>['data']['relationships'];
type TagItems = z.output<typeof TagNamesDocument>['data'];
type Tagged = { readonly id: string; readonly organizationId: string };
type Written = ParsedInput<typeof workspaces.addTagBindings>;

@Injectable()
export class WorkspaceTags {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenWorkspace,
    private readonly workspaces: WorkspaceRepository,
    private readonly tags: WorkspaceTagRepository,
  ) {}

  async listNames({
    page,
    ...request
  }: ParsedInput<typeof workspaces.listTagNames>): Promise<HandlerResult<typeof workspaces.listTagNames>> {
    const { manager } = this.database.dataSource;
    const { workspace } = await this.open.workspace(manager, request);
    const rows = await this.tags.pageOfNames(manager, workspace.id, page);
    const total = await this.tags.countNames(manager, workspace.id);
    const items = rows.map(({ createdAt, ...row }) => ({
      ...row,
      id: tagId(workspace.organizationId, row.name),
      organizationName: workspace.organizationName,
      createdAt: createdAt.toISOString(),
    }));
    return { items, total, matching: total };
  }

  addNames(request: Written): Promise<HandlerResult<typeof workspaces.addTagNames>> {
    return this.change(request, TagNamesDocument, async (tx, workspace, { data }) => {
      await this.writeNames(tx, workspace, data);
      return {};
    });
  }

  removeNames(request: Written): Promise<HandlerResult<typeof workspaces.removeTagNames>> {
    return this.change(request, TagNamesDocument, async (tx, workspace, { data }) => {
      await this.tags.removeNames(tx, workspace.id, await this.namesOf(tx, workspace, data));
      return {};
    });
  }

  async listBindings(
    request: ParsedInput<typeof workspaces.listTagBindings>,
  ): Promise<HandlerResult<typeof workspaces.listTagBindings>> {
    const { manager } = this.database.dataSource;
    const { workspace } = await this.open.workspace(manager, request);
    return { items: await this.tags.bindings(manager, workspace.id) };
  }

  writeBindings(request: Written, mode: 'add' | 'replace'): Promise<HandlerResult<typeof workspaces.addTagBindings>> {
    return this.change(request, TagBindingsDocument, async (tx, { id }, { data }) => {
      await this.tags.writeBindings(tx, id, tagChanges(await this.tags.bindings(tx, id), data, mode));
      return { items: await this.tags.bindings(tx, id) };
    });
  }

  /** The tags of a document that creates or changes a workspace: names are added, bindings replaced. */
  async write(tx: Transaction, workspace: Tagged, relationships: Relationships): Promise<void> {
    const bindings = relationships?.['tag-bindings']?.data;
    const names = relationships?.tags?.data;
    if (names !== undefined) await this.writeNames(tx, workspace, names);
    if (bindings === undefined) return;
    const present = await this.tags.bindings(tx, workspace.id);
    await this.tags.writeBindings(tx, workspace.id, tagChanges(present, bindings, 'replace'));
  }

  private change<T, R>(
    request: Written,
    schema: z.ZodType<T>,
    change: (tx: Transaction, workspace: Tagged, document: T) => Promise<R>,
  ): Promise<R> {
    return write(this.database, async (tx) => {
      const { workspace } = await this.open.locked(tx, request, ({ canManageTags }) => canManageTags);
      const result = await change(tx, workspace, parseDocument(schema, request.document));
      await this.workspaces.touch(tx, workspace.id);
      return result;
    });
  }

  private async writeNames(tx: Transaction, workspace: Tagged, items: TagItems): Promise<void> {
    await this.tags.addNames(tx, workspace.id, await this.namesOf(tx, workspace, items));
    if ((await this.tags.countNames(tx, workspace.id)) > maxTagNames) {
      throw documentError([
        { title: 'invalid attribute', detail: `Tags may be ${maxTagNames} at most`, pointer: '/data' },
      ]);
    }
  }

  /** Names as given, or those that the ids are made from. NOT_FOUND for an id of no tag. */
  private async namesOf(tx: Transaction, { organizationId }: Tagged, items: TagItems): Promise<string[]> {
    const isById = items.some(({ attributes }) => attributes === undefined);
    const known = isById ? await this.tags.namesOfOrganization(tx, organizationId) : [];
    const nameOf = new Map(known.map((name) => [tagId(organizationId, name), name]));
    return items.map(({ id, attributes }) => {
      const name = attributes?.name ?? (id === undefined ? undefined : nameOf.get(id));
      if (name === undefined) throw new AppError('NOT_FOUND', 'not found');
      return name;
    });
  }
}
