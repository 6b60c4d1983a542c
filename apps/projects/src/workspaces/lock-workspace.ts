// A person locks and unlocks a workspace. The lock itself is in apps/locks, where runs ask for theirs; the row of the
// workspace stays locked meanwhile, so that what it is bound to does not change under it.
import { Injectable } from '@nestjs/common';
import {
  type Caller,
  type HandlerResult,
  isAppError,
  LockDocument,
  type OperationOutput,
  type ParsedInput,
  parseDocument,
  WorkspaceStanding,
  workspaceLocks,
  type workspaces,
} from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { lockedBy } from '../domain/locked-by.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { WorkspaceRepository } from '../persistence/workspace.repository.js';
import { OpenWorkspace } from './open-workspace.js';
import { conflict } from './refusals.js';
import { nobody, placeOf, workspaceView } from './workspace-view.js';

type PersonLock = OperationOutput<typeof workspaceLocks.lock>;

@Injectable()
export class LockWorkspace {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenWorkspace,
    private readonly workspaces: WorkspaceRepository,
    private readonly mesh: Mesh,
  ) {}

  lock(request: ParsedInput<typeof workspaces.lock>): Promise<HandlerResult<typeof workspaces.lock>> {
    const { caller, document } = request;
    return this.database.transaction(async (tx) => {
      const { workspace, grants } = await this.open.locked(tx, request, ({ canLock }) => canLock);
      const person = await refusing(
        'lock',
        this.mesh.call(workspaceLocks.lock, {
          workspaceId: workspace.id,
          workspace: `${workspace.organizationName}/${workspace.name}`,
          place: placeOf(workspace),
          ownerId: lockOwnerId(caller),
          user: await this.workspaces.nameOfCaller(tx, caller.accountId),
          reason: reasonOf(document),
        }),
      );
      return workspaceView(workspace, grants, { person, holder: null });
    });
  }

  unlock(request: ParsedInput<typeof workspaces.unlock>): Promise<HandlerResult<typeof workspaces.unlock>> {
    const { caller, mode } = request;
    return this.database.transaction(async (tx) => {
      const { workspace, grants } = await this.open.locked(tx, request, ({ canUnlock, canForceUnlock }) =>
        mode === 'own' ? canUnlock : canForceUnlock,
      );
      await refusing(
        'unlock',
        this.mesh.call(workspaceLocks.unlock, {
          workspaceId: workspace.id,
          place: placeOf(workspace),
          by: mode === 'own' ? lockOwnerId(caller) : null,
        }),
      );
      return workspaceView(workspace, grants, nobody);
    });
  }
}

/** Whom clients are told of: a user or a team. The token of an organization acts through its service user. */
function lockOwnerId({ kind, accountId, ownerId }: Caller): string {
  return kind === 'organization' ? accountId : ownerId;
}

function reasonOf(document: unknown): string {
  if (document === null) return '';
  // Clients send the reason bare, or in a resource; `parseDocument` wants the latter.
  const isResource = typeof document === 'object' && 'data' in document;
  const { reason, data } = parseDocument(LockDocument, isResource ? document : { ...Object(document), data: {} });
  return (reason ?? data?.attributes?.reason ?? '').replace(/[\t\r\n]+/g, ' ');
}

async function refusing(verb: 'lock' | 'unlock', asked: Promise<PersonLock>): Promise<PersonLock> {
  try {
    return await asked;
  } catch (error) {
    if (!isAppError(error) || error.code !== 'CONFLICT') throw error;
    const by = lockedBy(WorkspaceStanding.catch(nobody).parse(error.details));
    throw conflict(`Unable to ${verb} workspace. The workspace ${by}`);
  }
}
