import { Injectable } from '@nestjs/common';
import {
  AppError,
  type HandlerResult,
  MoveWorkspacesDocument,
  type ParsedInput,
  parseDocument,
  type projects,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { projectPermissions } from '../domain/permissions.js';
import { MovingRepository } from '../persistence/moving.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamProjectRepository } from '../persistence/team-project.repository.js';
import { write } from '../write.js';
import { type OpenedProject, OpenProject } from './open-project.js';

@Injectable()
export class MoveWorkspaces {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenProject,
    private readonly moving: MovingRepository,
    private readonly teamProjects: TeamProjectRepository,
  ) {}

  async move(
    request: ParsedInput<typeof projects.moveWorkspaces>,
  ): Promise<HandlerResult<typeof projects.moveWorkspaces>> {
    await write(this.database, async (tx) => {
      const { project, grants, permissions } = await this.open.project(tx, request);
      if (!permissions.canMoveWorkspace) throw notFound();
      const { data } = parseDocument(MoveWorkspacesDocument, request.document);
      const ids = [...new Set(data.map(({ id }) => id))];
      const found = await this.moving.lock(tx, { organizationId: project.organizationId, ids });
      const projectIds = [...new Set(found.map(({ projectId }) => projectId))];
      const granted = await this.teamProjects.grants(tx, { teamIds: grants.teamIds, projectIds });
      const movable = new Set(
        found.filter(({ projectId }) => mayLeave(projectId, { grants, granted })).map(({ id }) => id),
      );
      const refused = ids.filter((id) => !movable.has(id));
      if (refused.length > 0)
        throw new AppError('FORBIDDEN', `These workspaces cannot be moved: ${refused.join(', ')}`);
      await this.moving.move(tx, { projectId: project.id, ids });
    });
    return {};
  }
}

type Granted = Awaited<ReturnType<TeamProjectRepository['grants']>>;

function mayLeave(
  projectId: string,
  { grants, granted }: Pick<OpenedProject, 'grants'> & { granted: Granted },
): boolean {
  // Moving does not depend on whether it is the Default Project.
  return projectPermissions(grants, { isDefault: false }, granted.get(projectId) ?? []).canMoveWorkspace;
}
