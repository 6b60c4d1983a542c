import type { Project } from '@terramesh/contracts';
import { type OrganizationGrants, projectPermissions } from '../domain/permissions.js';
import type { ProjectRow } from '../persistence/project-row.js';

/** The one way from a row to what create, update, show and list answer with. */
export function projectView(row: ProjectRow, grants: OrganizationGrants): Project {
  return {
    id: row.id,
    name: row.name,
    organizationName: row.organizationName,
    description: row.description,
    createdAt: row.createdAt.toISOString(),
    workspaceCount: row.workspaceCount,
    teamCount: row.teamCount,
    autoDestroyActivityDuration: row.autoDestroyActivityDuration,
    defaultExecutionMode: row.defaultExecutionMode,
    overwritesExecutionMode: row.overwritesExecutionMode,
    permissions: projectPermissions(grants, row, row.grants),
    tagBindings: row.tags === null ? null : [...row.tags],
  };
}
