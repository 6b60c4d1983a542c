import { Inject, Injectable } from '@nestjs/common';
import {
  type HandlerResult,
  type ParsedInput,
  targetRuns,
  workspaceLocks,
  type workspaces,
} from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { LOGGER, type Logger } from '@terramesh/service';
import { notFound } from '../access/grants.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { WorkspaceRepository } from '../persistence/workspace.repository.js';
import type { WorkspaceRow } from '../persistence/workspace-row.js';
import { OpenWorkspace } from './open-workspace.js';
import { conflict } from './refusals.js';
import { placeOf } from './workspace-view.js';

@Injectable()
export class DeleteWorkspace {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenWorkspace,
    private readonly workspaces: WorkspaceRepository,
    private readonly mesh: Mesh,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async delete({
    mode,
    ...request
  }: ParsedInput<typeof workspaces.delete>): Promise<HandlerResult<typeof workspaces.delete>> {
    const id = await this.database.transaction(async (tx) => {
      const { workspace, permissions } = await this.open.locked(tx, request, ({ canDestroy }) => canDestroy);
      if (mode === 'safe' || !permissions.canForceDelete) await this.assertSafe(workspace);
      if (!(await this.workspaces.delete(tx, workspace.id))) throw notFound();
      return workspace.id;
    });
    await this.forgetLock(id);
    return {};
  }

  /** Nobody holds it, and nothing that we know of is managed through it. */
  private async assertSafe(workspace: WorkspaceRow): Promise<void> {
    const place = placeOf(workspace);
    const { standings } = await this.mesh.call(workspaceLocks.standings, {
      workspaces: [{ workspaceId: workspace.id, place }],
    });
    if (standings.some(({ person, holder }) => person !== null || holder !== null)) {
      throw conflict('Workspace is not safe to delete: it is locked');
    }
    if (place === null) return;
    const { isBusy, mayManage } = await this.mesh.call(targetRuns.traces, { place });
    if (isBusy) throw conflict('Workspace is not safe to delete: a run of it is not over');
    if (mayManage) throw conflict('Workspace is not safe to delete: it may still be managing resources');
  }

  /** When apps/locks does not answer, its sweeper finds out by itself. */
  private async forgetLock(id: string): Promise<void> {
    try {
      await this.mesh.call(workspaceLocks.forget, { workspaceIds: [id] });
    } catch (err) {
      this.logger.warn({ err, workspaceId: id }, 'the lock of a deleted workspace is left to the sweeper');
    }
  }
}
