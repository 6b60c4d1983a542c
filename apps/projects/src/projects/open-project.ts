// Where every use case begins: what the caller may see of a project, and may do with it.
import { Injectable } from '@nestjs/common';
import type { Caller, ProjectPermissions } from '@terramesh/contracts';
import { type Grants, loadGrants, notFound } from '../access/grants.js';
import { projectPermissions } from '../domain/permissions.js';
import { ProjectRepository, type ReadOptions } from '../persistence/project.repository.js';
import type { ProjectRow } from '../persistence/project-row.js';
import type { Transaction } from '../persistence/transaction.js';

export interface OpenedProject {
  readonly project: ProjectRow;
  readonly grants: Grants;
  readonly permissions: ProjectPermissions;
}

@Injectable()
export class OpenProject {
  constructor(private readonly projects: ProjectRepository) {}

  /** Throws NOT_FOUND when there is none of this id, or the caller may not see it. */
  async project(
    tx: Transaction,
    { caller, id }: { readonly caller: Caller; readonly id: string },
    tags: ReadOptions['tags'] = 'without-tags',
  ): Promise<OpenedProject> {
    const organizationId = await this.projects.organizationOf(tx, id);
    const grants = organizationId === undefined ? undefined : await loadGrants(tx, caller, { id: organizationId });
    if (grants === undefined) throw notFound();
    const project = await this.projects.find(tx, id, { teamIds: grants.teamIds, tags });
    if (project === undefined) throw notFound();
    const permissions = projectPermissions(grants, project, project.grants);
    if (!permissions.canRead) throw notFound();
    return { project, grants, permissions };
  }
}
