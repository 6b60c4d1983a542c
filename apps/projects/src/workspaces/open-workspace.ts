// Where every use case begins: what the caller may see of a workspace, and may do with it.
import { Injectable } from '@nestjs/common';
import type { Caller, TargetPlace, WorkspaceKey } from '@terramesh/contracts';
import { type Grants, loadGrants, notFound } from '../access/grants.js';
import { type WorkspacePermissions, workspacePermissions } from '../domain/permissions.js';
import type { Transaction } from '../persistence/transaction.js';
import { type WorkspaceRead, WorkspaceRepository } from '../persistence/workspace.repository.js';
import type { WorkspaceRow } from '../persistence/workspace-row.js';

export interface OpenedWorkspace {
  readonly workspace: WorkspaceRow;
  readonly grants: Grants;
  readonly permissions: WorkspacePermissions;
}

export interface WorkspaceRequest {
  readonly caller: Caller;
  readonly key: WorkspaceKey | { readonly place: TargetPlace };
}

@Injectable()
export class OpenWorkspace {
  constructor(private readonly workspaces: WorkspaceRepository) {}

  /** Throws NOT_FOUND when there is none, or the caller may not see it. */
  async workspace(
    tx: Transaction,
    { caller, key }: WorkspaceRequest,
    tags: WorkspaceRead['tags'] = 'without-tags',
  ): Promise<OpenedWorkspace> {
    const located = await this.workspaces.locate(tx, key);
    const grants = located && (await loadGrants(tx, caller, { id: located.organizationId }));
    if (located === undefined || grants === undefined) throw notFound();
    const workspace = await this.workspaces.find(tx, located.id, { teamIds: grants.teamIds, tags });
    if (workspace === undefined) throw notFound();
    const permissions = workspacePermissions(grants, workspace.grants);
    if (!permissions.canRead) throw notFound();
    return { workspace, grants, permissions };
  }

  /** As `workspace`, and nobody else changes, moves or deletes it until `tx` ends. NOT_FOUND unless `isAllowed`. */
  async locked(
    tx: Transaction,
    request: WorkspaceRequest,
    isAllowed: (permissions: WorkspacePermissions) => boolean,
  ): Promise<OpenedWorkspace> {
    const seen = await this.workspace(tx, request);
    if (!isAllowed(seen.permissions) || !(await this.workspaces.lock(tx, seen.workspace.id))) throw notFound();
    // What was read before may have changed since.
    const opened = await this.workspace(tx, { caller: request.caller, key: { id: seen.workspace.id } });
    if (!isAllowed(opened.permissions)) throw notFound();
    return opened;
  }
}
