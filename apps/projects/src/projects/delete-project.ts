import { Injectable } from '@nestjs/common';
import { AppError, type HandlerResult, type ParsedInput, type projects } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { ProjectRepository } from '../persistence/project.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { retryWhenLockedOut } from '../persistence/transaction.js';
import { violationOf } from '../persistence/violation.js';
import { OpenProject } from './open-project.js';

@Injectable()
export class DeleteProject {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenProject,
    private readonly projects: ProjectRepository,
  ) {}

  async delete(request: ParsedInput<typeof projects.delete>): Promise<HandlerResult<typeof projects.delete>> {
    try {
      await this.database.transaction(async (tx) => {
        const { permissions, project } = await this.open.project(tx, request);
        if (!permissions.canDestroy) throw notFound();
        if (project.isDefault) throw new AppError('FORBIDDEN', 'The Default Project cannot be deleted');
        // The database decides whether it is empty: a workspace may be on its way in.
        if (!(await this.projects.delete(tx, project.id))) throw notFound();
      }, retryWhenLockedOut);
    } catch (error) {
      if (violationOf(error)?.kind !== 'reference') throw error;
      throw new AppError('FORBIDDEN', 'A project cannot be deleted if it contains workspaces');
    }
    return {};
  }
}
