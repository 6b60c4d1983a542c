import type { HandlerResult, organizations } from '@terramesh/contracts';
import { canManageMembers, canManageOrganization, canManageTeams } from '../domain/identity-rules.js';
import { defaultOrganizationSettings } from '../domain/organization-settings.js';
import { canCreateProject } from '../domain/permissions.js';
import type { FoundOrganization } from '../persistence/organization.repository.js';

/** The same from every operation. */
export function organizationView({ row, grants }: FoundOrganization): HandlerResult<typeof organizations.show> {
  const manages = canManageOrganization(grants);
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    createdAt: row.created_at.toISOString(),
    settings: { ...defaultOrganizationSettings, ...row.settings },
    permissions: {
      canUpdate: manages,
      canDestroy: manages,
      canTraverse: true,
      canCreateTeam: canManageTeams(grants),
      canManageUsers: canManageMembers(grants),
      canCreateProject: canCreateProject(grants),
      canCreateWorkspace: canCreateProject(grants) || grants.organizationAccess.has('manage-workspaces'),
      canUpdateApiToken: manages,
    },
    defaultProjectId: row.default_project_id,
  };
}
