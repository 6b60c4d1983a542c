import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, projects } from '@terramesh/contracts';
import { requireGrants } from '../access/grants.js';
import { projectReach } from '../domain/permissions.js';
import { ProjectListRepository } from '../persistence/project-list.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { projectView } from './project-view.js';

@Injectable()
export class ListProjects {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly lists: ProjectListRepository,
  ) {}

  async list(request: ParsedInput<typeof projects.list>): Promise<HandlerResult<typeof projects.list>> {
    const { caller, organizationName, page, sort, names, query, tagged } = request;
    const { manager } = this.database.dataSource;
    const grants = await requireGrants(manager, caller, { name: organizationName });
    const { rows, total, matching } = await this.lists.page(manager, {
      organizationId: grants.organization.id,
      teamIds: grants.teamIds,
      tags: request.include.includes('effective_tag_bindings') ? 'with-tags' : 'without-tags',
      page,
      sort,
      names,
      query,
      tagged,
      visible: projectReach(grants, 'read'),
      reached: new Map(request.permissions.map((by) => [by, projectReach(grants, by)])),
    });
    return { items: rows.map((row) => projectView(row, grants)), total, matching };
  }
}
