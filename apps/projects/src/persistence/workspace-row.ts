// A workspace as every operation reads it: with what is around it, and what the caller's teams may do in its project.
import type { ExecutionMode, VcsType, WorkspaceSettings } from '@terramesh/contracts';
import type { ProjectGrant } from '../domain/project-access.js';
import { grantsOf, inheritedMode } from './project-row.js';

export interface WorkspaceRow {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly projectId: string;
  readonly name: string;
  readonly description: string | null;
  /** Its own; null for its project's. */
  readonly ownExecutionMode: 'remote' | 'local' | null;
  readonly executionMode: ExecutionMode;
  readonly terraformVersion: string;
  readonly workingDirectory: string;
  readonly terraformWorkspace: string;
  readonly settings: Partial<WorkspaceSettings>;
  /** Of its project. */
  readonly autoDestroyActivityDuration: string | null;
  /** Null together with the next three. */
  readonly vcsType: VcsType | null;
  readonly hostname: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly oauthTokenId: string | null;
  readonly githubAppInstallationId: string | null;
  readonly targetDirectory: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tagNames: readonly string[];
  readonly grants: readonly ProjectGrant[];
  /** Null when they were not asked for. */
  readonly effectiveTags: readonly { id: string; key: string; value: string; projectId: string | null }[] | null;
}

/** Its own tags in the order in which they came, then those of its project under keys that it has none of. */
const effectiveTags = `
  coalesce((
    select jsonb_agg(jsonb_build_object('id', t.id, 'key', t.key, 'value', t.value, 'projectId', t.project_id)
      order by t.project_id is not null, t.position)
    from (
      select id, key, value, null as project_id, position from workspace_tag
      where workspace_id = w.id and kind = 'binding'
      union all
      select id, key, value, project_id, position from project_tag inherited
      where project_id = w.project_id and not exists (
        select from workspace_tag own
        where own.workspace_id = w.id and own.kind = 'binding' and own.key = inherited.key)
    ) as t
  ), '[]')`;

/** Of `workspace w join project p join organization o`; `teams` and `withTags` are placeholders, such as `$1`. */
export const workspaceColumns = ({ teams, withTags }: { teams: string; withTags: string }) => `
  w.id, w.organization_id as "organizationId", o.name as "organizationName", w.project_id as "projectId", w.name,
  w.description, w.execution_mode as "ownExecutionMode",
  coalesce(w.execution_mode, p.default_execution_mode, ${inheritedMode}) as "executionMode",
  w.terraform_version as "terraformVersion", w.working_directory as "workingDirectory",
  w.terraform_workspace as "terraformWorkspace", w.settings,
  p.auto_destroy_activity_duration as "autoDestroyActivityDuration", w.vcs_type as "vcsType", w.hostname, w.repository,
  w.branch, w.oauth_token_id as "oauthTokenId", w.github_app_installation_id as "githubAppInstallationId",
  w.target_directory as "targetDirectory", w.created_at as "createdAt",
  w.updated_at as "updatedAt",
  array(select t.key from workspace_tag t where t.workspace_id = w.id and t.kind = 'name' order by t.key) as "tagNames",
  ${grantsOf({ teams, projectId: 'w.project_id' })} as grants,
  case when ${withTags}::boolean then ${effectiveTags} end as "effectiveTags"`;

export const workspaceTables = `join project p on p.id = w.project_id join organization o on o.id = w.organization_id`;
