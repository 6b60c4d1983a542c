// One page of an organization's projects, and how many there are, whatever may be seen and is looked for.
import { Injectable } from '@nestjs/common';
import type { PageRequest, TagFilter } from '@terramesh/contracts';
import type { ProjectReach, ReachedBy } from '../domain/permissions.js';
import { containing } from './like.js';
import type { ReadOptions } from './project.repository.js';
import { type ProjectRow, projectColumns } from './project-row.js';
import { StatementValues } from './statement-values.js';
import type { Transaction } from './transaction.js';

export interface ProjectSearch extends ReadOptions {
  readonly organizationId: string;
  readonly page: PageRequest;
  readonly sort: 'name' | '-name';
  /** What the caller may see. */
  readonly visible: ProjectReach;
  /** What the caller asks for beside that: all of these hold. */
  readonly reached: ReadonlyMap<Exclude<ReachedBy, 'read'>, ProjectReach>;
  readonly names: readonly string[] | undefined;
  readonly query: string | undefined;
  readonly tagged: readonly TagFilter[];
}

export interface ProjectPage {
  readonly rows: ProjectRow[];
  /** Visible ones. */
  readonly total: number;
  readonly matching: number;
}

/** Which accesses reach this far; the levels are stored spelled out. */
const reaching: Readonly<Record<ReachedBy, string>> = {
  read: 'true',
  update: `g.project_access->>'settings' in ('update', 'delete')`,
  'create-workspace': `(g.workspace_access->>'create')::boolean`,
};

@Injectable()
export class ProjectListRepository {
  async page(tx: Transaction, search: ProjectSearch): Promise<ProjectPage> {
    const rows = await this.rows(tx, search);
    return { rows, ...(await this.count(tx, search)) };
  }

  private rows(tx: Transaction, search: ProjectSearch): Promise<ProjectRow[]> {
    const { page, teamIds, tags, sort } = search;
    const values = new StatementValues();
    const conditions = [...visibleConditions(search, values), ...filterConditions(search, values)];
    // The name alone is an order: no two of an organization are alike. The page is cut before anything is joined to it.
    const direction = sort === 'name' ? 'asc' : 'desc';
    const columns = projectColumns({ teams: values.add(teamIds), withTags: values.add(tags === 'with-tags') });
    const limit = values.add(page.size);
    const offset = values.add((page.number - 1) * page.size);
    return tx.query<ProjectRow[]>(
      `with page as materialized (
         select p.* from project p where ${conditions.join(' and ')}
         order by lower(p.name) ${direction} limit ${limit} offset ${offset}
       )
       select ${columns} from page p join organization o on o.id = p.organization_id
       order by lower(p.name) ${direction}`,
      values.list,
    );
  }

  private async count(tx: Transaction, search: ProjectSearch): Promise<{ total: number; matching: number }> {
    const values = new StatementValues();
    const visible = visibleConditions(search, values);
    const filters = filterConditions(search, values);
    const countOf = (conditions: string[]) => `(select count(*)::int from project p where ${conditions.join(' and ')})`;
    // Two counts, each with an index of its own: names and tags are found without looking at every project.
    const [counts] = await tx.query<{ total: number; matching: number | null }[]>(
      `select ${countOf(visible)} as total, ${filters.length === 0 ? 'null' : countOf([...visible, ...filters])} as matching`,
      values.list,
    );
    const total = counts?.total ?? 0;
    return { total, matching: counts?.matching ?? total };
  }
}

function visibleConditions(search: ProjectSearch, values: StatementValues): string[] {
  const organization = `p.organization_id = ${values.add(search.organizationId)}`;
  return [organization, ...reachCondition('read', { reach: search.visible, teamIds: search.teamIds }, values)];
}

function filterConditions(
  { reached, teamIds, names, query, tagged }: ProjectSearch,
  values: StatementValues,
): string[] {
  return [
    ...[...reached].flatMap(([by, reach]) => reachCondition(by, { reach, teamIds }, values)),
    ...nameConditions({ names, query }, values),
    ...tagged.map(({ key, value }) => tagCondition({ key, value }, values)),
  ];
}

function reachCondition(
  by: ReachedBy,
  { reach, teamIds }: { reach: ProjectReach; teamIds: readonly string[] },
  values: StatementValues,
): string[] {
  if (reach.projects === 'all') return [];
  const granted = `p.id in (
    select g.project_id from team_project g where g.team_id = any(${values.add(teamIds)}::text[]) and ${reaching[by]})`;
  return [reach.includesDefault ? `(p.is_default or ${granted})` : granted];
}

/** Lower case as Postgres makes it: names are ASCII, so other letters of `names` and `query` equal none of theirs. */
function nameConditions({ names, query }: Pick<ProjectSearch, 'names' | 'query'>, values: StatementValues): string[] {
  if (names !== undefined) {
    const list = values.add(names);
    return [`lower(p.name) = any(array(select lower(n collate "C") from unnest(${list}::text[]) as n))`];
  }
  if (query === undefined || query === '') return [];
  return [`lower(p.name) like lower(${values.add(containing(query))}::text collate "C")`];
}

function tagCondition({ key, value }: TagFilter, values: StatementValues): string {
  const wantedValue = value === '' ? '' : ` and t.value = ${values.add(value)}`;
  return `p.id in (select t.project_id from project_tag t where t.key = ${values.add(key)}${wantedValue})`;
}
