import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, projects } from '@terramesh/contracts';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { OpenProject } from './open-project.js';
import { projectView } from './project-view.js';

@Injectable()
export class ShowProject {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenProject,
  ) {}

  async show(request: ParsedInput<typeof projects.show>): Promise<HandlerResult<typeof projects.show>> {
    const { manager } = this.database.dataSource;
    const tags = request.include.includes('effective_tag_bindings') ? 'with-tags' : 'without-tags';
    const { project, grants } = await this.open.project(manager, request, tags);
    return projectView(project, grants);
  }
}
