import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, teamProjects } from '@terramesh/contracts';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamProjectRepository } from '../persistence/team-project.repository.js';
import { OpenTeamProject } from './open-team-project.js';

@Injectable()
export class ReadTeamProjects {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenTeamProject,
    private readonly teamProjects: TeamProjectRepository,
  ) {}

  async list(request: ParsedInput<typeof teamProjects.list>): Promise<HandlerResult<typeof teamProjects.list>> {
    const { caller, projectId, page } = request;
    const { manager } = this.database.dataSource;
    const { project } = await this.open.project(manager, { caller, id: projectId }, 'canReadTeams');
    const { items, total } = await this.teamProjects.page(manager, project.id, page);
    return { items, total, matching: total };
  }

  show(request: ParsedInput<typeof teamProjects.show>): Promise<HandlerResult<typeof teamProjects.show>> {
    return this.open.teamProject(this.database.dataSource.manager, request, 'canReadTeams');
  }
}
