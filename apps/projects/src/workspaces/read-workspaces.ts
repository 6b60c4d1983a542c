import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, Workspace, workspaces } from '@terramesh/contracts';
import { requireGrants } from '../access/grants.js';
import { projectReach } from '../domain/permissions.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { WorkspaceListRepository } from '../persistence/workspace-list.repository.js';
import { OpenWorkspace, type WorkspaceRequest } from './open-workspace.js';
import { Standings } from './standings.js';
import { nobody, workspaceView } from './workspace-view.js';

type Includes = ParsedInput<typeof workspaces.show>['include'];

@Injectable()
export class ReadWorkspaces {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenWorkspace,
    private readonly lists: WorkspaceListRepository,
    private readonly standings: Standings,
  ) {}

  async list(request: ParsedInput<typeof workspaces.list>): Promise<HandlerResult<typeof workspaces.list>> {
    const { caller, organizationName, include, ...search } = request;
    const { manager } = this.database.dataSource;
    const grants = await requireGrants(manager, caller, { name: organizationName });
    const { rows, total, matching } = await this.lists.page(manager, {
      ...search,
      name: search.name,
      wildcardName: search.wildcardName,
      projectId: search.projectId,
      excludedTags: search.excludedTags,
      organizationId: grants.organization.id,
      teamIds: grants.teamIds,
      effectiveTags: wanted(include),
      visible: projectReach(grants, 'read'),
    });
    const standings = await this.standings.ofAll(rows);
    const items = rows.map((row, index) => workspaceView(row, grants, standings[index] ?? nobody));
    return { items, total, matching };
  }

  async show(request: WorkspaceRequest, include: Includes = []): Promise<Workspace> {
    const { workspace, grants } = await this.open.workspace(this.database.dataSource.manager, request, wanted(include));
    return workspaceView(workspace, grants, await this.standings.of(workspace));
  }
}

function wanted(include: Includes): 'with-tags' | 'without-tags' {
  return include.includes('effective_tag_bindings') ? 'with-tags' : 'without-tags';
}
