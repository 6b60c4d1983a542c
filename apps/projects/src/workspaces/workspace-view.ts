// A workspace as callers see it: the one place where it is put together.
import {
  type TargetPlace,
  type Workspace,
  WorkspaceSettings,
  type WorkspaceStanding,
  type WorkspaceRepository as WorkspaceVcs,
} from '@terramesh/contracts';
import { type OrganizationGrants, workspacePermissions } from '../domain/permissions.js';
import type { WorkspaceRow } from '../persistence/workspace-row.js';

export const nobody: WorkspaceStanding = { person: null, holder: null };

export function workspaceView(row: WorkspaceRow, grants: OrganizationGrants, standing: WorkspaceStanding): Workspace {
  const settings = WorkspaceSettings.parse(row.settings);
  return {
    id: row.id,
    name: row.name,
    organizationName: row.organizationName,
    projectId: row.projectId,
    description: row.description,
    executionMode: row.executionMode,
    overwritesExecutionMode: row.ownExecutionMode !== null,
    terraformVersion: row.terraformVersion,
    workingDirectory: row.workingDirectory,
    terraformWorkspace: row.terraformWorkspace,
    settings,
    autoDestroyActivityDuration: settings.inheritsProjectAutoDestroy
      ? row.autoDestroyActivityDuration
      : settings.autoDestroyActivityDuration,
    vcs: vcsOf(row),
    place: placeOf(row),
    tagNames: [...row.tagNames],
    effectiveTags: row.effectiveTags === null ? null : [...row.effectiveTags],
    lock: standing,
    permissions: workspacePermissions(grants, row.grants),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

type Binding = Pick<WorkspaceRow, 'hostname' | 'repository' | 'targetDirectory' | 'terraformWorkspace'>;

/** The target that the workspace is bound to; null without a repository. */
export function placeOf({ hostname, repository, targetDirectory, terraformWorkspace }: Binding): TargetPlace | null {
  if (hostname === null || repository === null) return null;
  return { hostname, repository, directory: targetDirectory, terraformWorkspace };
}

function vcsOf(row: WorkspaceRow): WorkspaceVcs | null {
  const { vcsType, hostname, repository, branch, oauthTokenId, githubAppInstallationId } = row;
  if (vcsType === null || hostname === null || repository === null) return null;
  return { type: vcsType, hostname, repository, branch: branch ?? '', oauthTokenId, githubAppInstallationId };
}
