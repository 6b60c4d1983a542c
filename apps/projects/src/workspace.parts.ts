// Workspaces: what lives in projects, and is bound to targets.
import { WorkspaceRepository } from './persistence/workspace.repository.js';
import { WorkspaceListRepository } from './persistence/workspace-list.repository.js';
import { WorkspaceTagRepository } from './persistence/workspace-tag.repository.js';
import { Binding } from './workspaces/binding.js';
import { CreateWorkspace } from './workspaces/create-workspace.js';
import { CreationParts } from './workspaces/creation-parts.js';
import { DeleteWorkspace } from './workspaces/delete-workspace.js';
import { Destination } from './workspaces/destination.js';
import { LockWorkspace } from './workspaces/lock-workspace.js';
import { OpenWorkspace } from './workspaces/open-workspace.js';
import { ReadWorkspaces } from './workspaces/read-workspaces.js';
import { Standings } from './workspaces/standings.js';
import { UpdateWorkspace } from './workspaces/update-workspace.js';
import { WorkspaceContentsController } from './workspaces/workspace-contents.controller.js';
import { WorkspaceTags } from './workspaces/workspace-tags.js';
import { WorkspacesController } from './workspaces/workspaces.controller.js';

export const workspaceParts = {
  controllers: [WorkspacesController, WorkspaceContentsController],
  providers: [
    Binding,
    CreateWorkspace,
    CreationParts,
    DeleteWorkspace,
    Destination,
    LockWorkspace,
    OpenWorkspace,
    ReadWorkspaces,
    Standings,
    UpdateWorkspace,
    WorkspaceListRepository,
    WorkspaceRepository,
    WorkspaceTagRepository,
    WorkspaceTags,
  ],
};
