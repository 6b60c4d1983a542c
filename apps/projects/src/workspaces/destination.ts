// The project that a workspace is made in or moved to.
import { Injectable } from '@nestjs/common';
import type { Caller } from '@terramesh/contracts';
import { type Grants, notFound } from '../access/grants.js';
import type { Transaction } from '../persistence/transaction.js';
import { WorkspaceRepository } from '../persistence/workspace.repository.js';
import { type OpenedProject, OpenProject } from '../projects/open-project.js';

@Injectable()
export class Destination {
  constructor(
    private readonly projects: OpenProject,
    private readonly workspaces: WorkspaceRepository,
  ) {}

  /** Without an id the Default Project. NOT_FOUND when it is not one of the organization that the caller may see. */
  async project(
    tx: Transaction,
    { caller, grants, id }: { caller: Caller; grants: Grants; id: string | undefined },
  ): Promise<OpenedProject> {
    const { organization } = grants;
    const projectId = id ?? (await this.workspaces.defaultProject(tx, organization.id));
    if (projectId === undefined) throw notFound();
    const opened = await this.projects.project(tx, { caller, id: projectId });
    if (opened.project.organizationId !== organization.id) throw notFound();
    return opened;
  }
}

/** The project that a document names, before the document is checked: whether it may be used is answered first. */
export function namedProject(document: unknown): string | undefined {
  const path = ['data', 'relationships', 'project', 'data', 'id'];
  const id = path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    document,
  );
  return typeof id === 'string' ? id : undefined;
}
