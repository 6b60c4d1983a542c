import { Injectable } from '@nestjs/common';
import {
  attributeError,
  type HandlerResult,
  type ParsedInput,
  parseDocument,
  UpdateWorkspaceDocument,
  type workspaces,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { placeId } from '../domain/place-id.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import type { Transaction } from '../persistence/transaction.js';
import { type WorkspaceAttributes, WorkspaceRepository } from '../persistence/workspace.repository.js';
import type { WorkspaceRow } from '../persistence/workspace-row.js';
import { write } from '../write.js';
import { CreationParts } from './creation-parts.js';
import { Destination, namedProject } from './destination.js';
import { type OpenedWorkspace, OpenWorkspace } from './open-workspace.js';
import { changedWorkspace } from './wanted-workspace.js';
import { placeOf, workspaceView } from './workspace-view.js';

type Request = ParsedInput<typeof workspaces.update>;

@Injectable()
export class UpdateWorkspace {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenWorkspace,
    private readonly workspaces: WorkspaceRepository,
    private readonly destination: Destination,
    private readonly parts: CreationParts,
  ) {}

  update(request: Request): Promise<HandlerResult<typeof workspaces.update>> {
    return write(this.database, async (tx) => {
      const opened = await this.open.locked(tx, request, ({ canUpdate, canMove }) => canUpdate || canMove);
      const { workspace, grants, permissions } = opened;
      const projectId = await this.projectAfter(tx, request, opened);
      if (!permissions.canUpdate && changesMoreThanProject(request.document)) throw notFound();
      const { data } = parseDocument(UpdateWorkspaceDocument, request.document);
      const inherited = await this.workspaces.inheritedMode(tx, projectId);
      const before = attributesOf(workspace);
      const plain = changedWorkspace({ ...before, projectId }, data.attributes, inherited);
      const after = this.parts.binding.apply(plain, data.attributes['vcs-repo']);
      const standing = await this.parts.standings.of({ id: workspace.id, ...after });
      if (standing.person !== null && placeId(placeOf(before)) !== placeId(placeOf(after))) {
        throw attributeError('vcs-repo', 'What a workspace is bound to cannot change while the workspace is locked');
      }
      await this.workspaces.update(tx, workspace.id, after);
      await this.parts.tags.write(tx, workspace, data.relationships);
      const row = await this.workspaces.find(tx, workspace.id, { teamIds: grants.teamIds, tags: 'without-tags' });
      if (row === undefined) throw notFound();
      return workspaceView(row, grants, standing);
    });
  }

  /** Moving takes the permission at both ends. */
  private async projectAfter(tx: Transaction, request: Request, opened: OpenedWorkspace): Promise<string> {
    const { workspace, grants, permissions } = opened;
    const id = namedProject(request.document);
    if (id === undefined || id === workspace.projectId) return workspace.projectId;
    const to = await this.destination.project(tx, { caller: request.caller, grants, id });
    if (!permissions.canMove || !to.permissions.canMoveWorkspace) throw notFound();
    return to.project.id;
  }
}

/** Whether the document, of whatever shape, holds anything that takes more than the permission to move. */
function changesMoreThanProject(document: unknown): boolean {
  const data = member(document, 'data');
  const relationships = Object.keys(member(data, 'relationships') ?? {});
  const attributes = Object.keys(member(data, 'attributes') ?? {});
  return attributes.length > 0 || relationships.length === 0 || relationships.some((name) => name !== 'project');
}

function member(value: unknown, name: string): object | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
}

function attributesOf({ ownExecutionMode, ...row }: WorkspaceRow): WorkspaceAttributes {
  return { ...row, executionMode: ownExecutionMode };
}
