import { Injectable } from '@nestjs/common';
import {
  CreateWorkspaceDocument,
  type HandlerResult,
  type ParsedInput,
  parseDocument,
  type workspaces,
} from '@terramesh/contracts';
import { notFound, requireGrants } from '../access/grants.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { WorkspaceRepository } from '../persistence/workspace.repository.js';
import { write } from '../write.js';
import { CreationParts } from './creation-parts.js';
import { Destination, namedProject } from './destination.js';
import { changedWorkspace, newWorkspace } from './wanted-workspace.js';
import { nobody, workspaceView } from './workspace-view.js';

@Injectable()
export class CreateWorkspace {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly workspaces: WorkspaceRepository,
    private readonly destination: Destination,
    private readonly parts: CreationParts,
  ) {}

  create(request: ParsedInput<typeof workspaces.create>): Promise<HandlerResult<typeof workspaces.create>> {
    const { caller, organizationName, document } = request;
    return write(this.database, async (tx) => {
      const grants = await requireGrants(tx, caller, { name: organizationName });
      const { project, permissions } = await this.destination.project(tx, {
        caller,
        grants,
        id: namedProject(document),
      });
      if (!permissions.canCreateWorkspace) throw notFound();
      const { data } = parseDocument(CreateWorkspaceDocument, document);
      const { name } = data.attributes;
      const plain = changedWorkspace(
        { ...newWorkspace, projectId: project.id, name },
        data.attributes,
        project.defaultExecutionMode,
      );
      const attributes = this.parts.binding.apply(plain, data.attributes['vcs-repo']);
      // A workspace that was not there is locked by nobody; its target may be in use. Asked before anything is stored.
      const standing =
        attributes.repository === null ? nobody : await this.parts.standings.of({ id: '', ...attributes });
      const id = await this.workspaces.insert(tx, grants.organization.id, attributes);
      await this.parts.tags.write(tx, { id, organizationId: grants.organization.id }, data.relationships);
      const row = await this.workspaces.find(tx, id, { teamIds: grants.teamIds, tags: 'without-tags' });
      if (row === undefined) throw new Error('a workspace just inserted is there');
      return workspaceView(row, grants, standing);
    });
  }
}
