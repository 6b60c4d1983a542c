// One page of an organization's workspaces, and how many there are, whatever may be seen and is looked for.
import { Injectable } from '@nestjs/common';
import type { PageRequest, TagFilter } from '@terramesh/contracts';
import type { ProjectReach } from '../domain/permissions.js';
import { containing, literal } from './like.js';
import { StatementValues } from './statement-values.js';
import type { Transaction } from './transaction.js';
import type { WorkspaceRead } from './workspace.repository.js';
import { type WorkspaceRow, workspaceColumns, workspaceTables } from './workspace-row.js';

export interface WorkspaceSearch extends Pick<WorkspaceRead, 'teamIds'> {
  readonly effectiveTags: WorkspaceRead['tags'];
  readonly organizationId: string;
  readonly page: PageRequest;
  readonly sort: 'name' | '-name';
  /** Workspaces of these projects may be seen. */
  readonly visible: ProjectReach;
  readonly name: string | undefined;
  readonly wildcardName: string | undefined;
  readonly projectId: string | undefined;
  readonly tags: readonly string[];
  readonly excludedTags: readonly string[];
  readonly tagged: readonly TagFilter[];
}

interface WorkspacePage {
  readonly rows: WorkspaceRow[];
  /** Visible ones. */
  readonly total: number;
  readonly matching: number;
}

@Injectable()
export class WorkspaceListRepository {
  async page(tx: Transaction, search: WorkspaceSearch): Promise<WorkspacePage> {
    const rows = await this.rows(tx, search);
    return { rows, ...(await this.count(tx, search)) };
  }

  private rows(tx: Transaction, search: WorkspaceSearch): Promise<WorkspaceRow[]> {
    const { page, teamIds, sort } = search;
    const values = new StatementValues();
    const conditions = [...visibleConditions(search, values), ...filterConditions(search, values)];
    const direction = sort === 'name' ? 'asc' : 'desc';
    const columns = workspaceColumns({
      teams: values.add(teamIds),
      withTags: values.add(search.effectiveTags === 'with-tags'),
    });
    const limit = values.add(page.size);
    const offset = values.add((page.number - 1) * page.size);
    // The name alone is an order: no two of an organization are alike. The page is cut before anything is joined to it.
    return tx.query<WorkspaceRow[]>(
      `with page as materialized (
         select w.* from workspace w where ${conditions.join(' and ')}
         order by lower(w.name) ${direction} limit ${limit} offset ${offset}
       )
       select ${columns} from page w ${workspaceTables} order by lower(w.name) ${direction}`,
      values.list,
    );
  }

  private async count(tx: Transaction, search: WorkspaceSearch): Promise<{ total: number; matching: number }> {
    const values = new StatementValues();
    const visible = visibleConditions(search, values).join(' and ');
    const filters = filterConditions(search, values);
    const matching = filters.length === 0 ? 'count(*)' : `count(*) filter (where ${filters.join(' and ')})`;
    const [counts] = await tx.query<{ total: number; matching: number }[]>(
      `select count(*)::int as total, (${matching})::int as matching from workspace w where ${visible}`,
      values.list,
    );
    return counts ?? { total: 0, matching: 0 };
  }
}

function visibleConditions({ organizationId, visible, teamIds }: WorkspaceSearch, values: StatementValues): string[] {
  const organization = `w.organization_id = ${values.add(organizationId)}`;
  if (visible.projects === 'all') return [organization];
  const teams = values.add(teamIds);
  return [
    organization,
    `w.project_id in (select g.project_id from team_project g where g.team_id = any(${teams}::text[]))`,
  ];
}

function filterConditions(search: WorkspaceSearch, values: StatementValues): string[] {
  const { name, wildcardName, projectId, tags, excludedTags, tagged } = search;
  return [
    ...(name === undefined || name === '' ? [] : [nameLike(containing(name), values)]),
    ...(wildcardName === undefined || wildcardName === '' ? [] : [nameLike(patternOf(wildcardName), values)]),
    ...(projectId === undefined ? [] : [`w.project_id = ${values.add(projectId)}`]),
    ...tags.map((tag) => hasTagName(tag, values)),
    ...excludedTags.map((tag) => `not ${hasTagName(tag, values)}`),
    ...tagged.map((tag) => hasEffectiveTag(tag, values)),
  ];
}

/** Lower case as Postgres makes it: names are ASCII, so other letters equal none of theirs. */
function nameLike(pattern: string, values: StatementValues): string {
  return `lower(w.name) like lower(${values.add(pattern)}::text collate "C")`;
}

function patternOf(wildcardName: string): string {
  const [, before, name = '', after] = /^(\*?)(.*?)(\*?)$/s.exec(wildcardName) ?? [];
  return `${before ? '%' : ''}${literal(name)}${after ? '%' : ''}`;
}

/** A tag's name, or the key of a tag binding without a value: clients take both for the same tag. */
function hasTagName(tag: string, values: StatementValues): string {
  return `exists (select from workspace_tag t where t.workspace_id = w.id and t.key = ${values.add(tag)} and t.value = '')`;
}

/** A tag binding of its own, or one of its project under a key that it has none of. */
function hasEffectiveTag({ key, value }: TagFilter, values: StatementValues): string {
  const wantedKey = values.add(key);
  const wanted = value === '' ? '' : ` and t.value = ${values.add(value)}`;
  const own = `t.workspace_id = w.id and t.kind = 'binding' and t.key = ${wantedKey}`;
  return `(exists (select from workspace_tag t where ${own}${wanted})
    or not exists (select from workspace_tag t where ${own})
      and exists (select from project_tag t where t.project_id = w.project_id and t.key = ${wantedKey}${wanted}))`;
}
