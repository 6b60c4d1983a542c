import { Injectable } from '@nestjs/common';
import type { Caller, ProjectPermissions, TeamProject } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { TeamProjectRepository } from '../persistence/team-project.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { type OpenedProject, OpenProject } from '../projects/open-project.js';

type Needed = keyof Pick<ProjectPermissions, 'canReadTeams' | 'canManageTeams'>;

@Injectable()
export class OpenTeamProject {
  constructor(
    private readonly open: OpenProject,
    private readonly teamProjects: TeamProjectRepository,
  ) {}

  /** Throws NOT_FOUND unless the caller may do this with the teams of the project. */
  async project(
    tx: Transaction,
    request: { readonly caller: Caller; readonly id: string },
    needed: Needed,
  ): Promise<OpenedProject> {
    const opened = await this.open.project(tx, request);
    if (!opened.permissions[needed]) throw notFound();
    return opened;
  }

  /** Throws NOT_FOUND unless it exists and the caller may do this with the teams of its project. */
  async teamProject(
    tx: Transaction,
    { caller, id }: { readonly caller: Caller; readonly id: string },
    needed: Needed,
  ): Promise<TeamProject> {
    const found = await this.teamProjects.find(tx, id);
    if (found === undefined) throw notFound();
    await this.project(tx, { caller, id: found.projectId }, needed);
    return found;
  }
}
