import { Injectable } from '@nestjs/common';
import type { ExecutionMode } from '@terramesh/contracts';
import { newId } from '../domain/ids.js';
import { ProjectEntity } from './project.entity.js';
import { inheritedMode, type ProjectRow, projectColumns } from './project-row.js';
import type { Transaction } from './transaction.js';

/** What a caller may change. */
export type ProjectAttributes = Pick<
  ProjectEntity,
  'name' | 'description' | 'autoDestroyActivityDuration' | 'defaultExecutionMode'
>;

export interface ReadOptions {
  /** Of the caller: `grants` of the result are theirs. */
  readonly teamIds: readonly string[];
  readonly tags: 'with-tags' | 'without-tags';
}

@Injectable()
export class ProjectRepository {
  async organizationOf(tx: Transaction, id: string): Promise<string | undefined> {
    const [row] = await tx.query<{ organization_id: string }[]>('select organization_id from project where id = $1', [
      id,
    ]);
    return row?.organization_id;
  }

  /** The one that its projects have when they have none of their own. */
  async organizationMode(tx: Transaction, organizationId: string): Promise<ExecutionMode> {
    const [row] = await tx.query<{ mode: ExecutionMode }[]>(
      `select ${inheritedMode} as mode from organization o where o.id = $1`,
      [organizationId],
    );
    return row?.mode ?? 'remote';
  }

  async find(tx: Transaction, id: string, { teamIds, tags }: ReadOptions): Promise<ProjectRow | undefined> {
    const [row] = await tx.query<ProjectRow[]>(
      `select ${projectColumns({ teams: '$2', withTags: '$3' })}
       from project p join organization o on o.id = p.organization_id where p.id = $1`,
      [id, teamIds, tags === 'with-tags'],
    );
    return row;
  }

  /** Those of these that there are, without their tags. */
  findAll(tx: Transaction, ids: readonly string[], teamIds: readonly string[]): Promise<ProjectRow[]> {
    return tx.query<ProjectRow[]>(
      `select ${projectColumns({ teams: '$2', withTags: 'false' })}
       from project p join organization o on o.id = p.organization_id where p.id = any($1::text[])`,
      [ids, teamIds],
    );
  }

  /** Of each of these projects that there is. */
  async organizationsOf(tx: Transaction, ids: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }[]>(
      'select distinct organization_id as id from project where id = any($1::text[])',
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Returns the id. Breaks `project_name` when the organization has one of this name. */
  async insert(tx: Transaction, organizationId: string, attributes: ProjectAttributes): Promise<string> {
    const id = newId('prj');
    await tx.insert(ProjectEntity, { id, organizationId, isDefault: false, ...attributes });
    return id;
  }

  /** The attributes as they are now, locked until `tx` ends; undefined when the project is gone. */
  async lock(tx: Transaction, id: string): Promise<ProjectEntity | undefined> {
    return (await tx.findOne(ProjectEntity, { where: { id }, lock: { mode: 'pessimistic_write' } })) ?? undefined;
  }

  /** Breaks `project_name` when the organization has another one of this name. */
  async update(tx: Transaction, id: string, attributes: Partial<ProjectAttributes>): Promise<void> {
    if (Object.keys(attributes).length > 0) await tx.update(ProjectEntity, { id }, attributes);
  }

  /** False when it is gone already. Breaks a reference while it has workspaces. */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    const { affected } = await tx.delete(ProjectEntity, { id });
    return affected !== 0;
  }
}
