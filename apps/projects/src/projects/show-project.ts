import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, projects } from '@terramesh/contracts';
import { type Grants, loadGrants } from '../access/grants.js';
import { ProjectRepository } from '../persistence/project.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { OpenProject } from './open-project.js';
import { projectView } from './project-view.js';

@Injectable()
export class ShowProject {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenProject,
    private readonly projects: ProjectRepository,
  ) {}

  async show(request: ParsedInput<typeof projects.show>): Promise<HandlerResult<typeof projects.show>> {
    const { manager } = this.database.dataSource;
    const tags = request.include.includes('effective_tag_bindings') ? 'with-tags' : 'without-tags';
    const { project, grants } = await this.open.project(manager, request, tags);
    return projectView(project, grants);
  }

  async find({ caller, ids }: ParsedInput<typeof projects.find>): Promise<HandlerResult<typeof projects.find>> {
    const { manager } = this.database.dataSource;
    const places = new Map<string, Grants>();
    for (const id of await this.projects.organizationsOf(manager, ids)) {
      const grants = await loadGrants(manager, caller, { id });
      if (grants !== undefined) places.set(id, grants);
    }
    const teamIds = [...places.values()].flatMap((grants) => grants.teamIds);
    const items = (await this.projects.findAll(manager, ids, teamIds)).flatMap((row) => {
      const grants = places.get(row.organizationId);
      return grants === undefined ? [] : [projectView(row, grants)];
    });
    return { items: items.filter(({ permissions }) => permissions.canRead) };
  }
}
