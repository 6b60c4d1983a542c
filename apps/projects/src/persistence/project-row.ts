// A project as every operation reads it: with what is around it, and what the caller's teams may do in it.
import type { ExecutionMode, TagBinding } from '@terramesh/contracts';
import type { ProjectGrant } from '../domain/project-access.js';

export interface ProjectRow {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly name: string;
  readonly description: string | null;
  readonly autoDestroyActivityDuration: string | null;
  readonly overwritesExecutionMode: boolean;
  readonly defaultExecutionMode: ExecutionMode;
  readonly isDefault: boolean;
  readonly createdAt: Date;
  readonly workspaceCount: number;
  readonly teamCount: number;
  readonly grants: readonly ProjectGrant[];
  /** Null when they were not asked for. */
  readonly tags: readonly TagBinding[] | null;
}

/** The accesses of teams in a project, as JSON; `teams` and `projectId` are SQL. */
export const grantsOf = ({ teams, projectId }: { teams: string; projectId: string }) => `
  coalesce((
    select jsonb_agg(jsonb_build_object(
      'access', g.access, 'projectAccess', g.project_access, 'workspaceAccess', g.workspace_access))
    from team_project g where g.project_id = ${projectId} and g.team_id = any(${teams}::text[])
  ), '[]')`;

const tagsOf = `
  coalesce((
    select jsonb_agg(jsonb_build_object('id', t.id, 'key', t.key, 'value', t.value) order by t.position)
    from project_tag t where t.project_id = p.id
  ), '[]')`;

/** The execution mode of organization `o`. */
export const inheritedMode = `coalesce(o.settings->>'defaultExecutionMode', 'remote')`;

/** Of `project p join organization o`; `teams` and `withTags` are placeholders, such as `$1`. */
export const projectColumns = ({ teams, withTags }: { teams: string; withTags: string }) => `
  p.id, p.organization_id as "organizationId", o.name as "organizationName", p.name, p.description,
  p.auto_destroy_activity_duration as "autoDestroyActivityDuration",
  p.default_execution_mode is not null as "overwritesExecutionMode",
  coalesce(p.default_execution_mode, ${inheritedMode}) as "defaultExecutionMode",
  p.is_default as "isDefault", p.created_at as "createdAt",
  (select count(*)::int from workspace w where w.project_id = p.id) as "workspaceCount",
  (select count(*)::int from team_project g where g.project_id = p.id) as "teamCount",
  ${grantsOf({ teams, projectId: 'p.id' })} as grants,
  case when ${withTags}::boolean then ${tagsOf} end as tags`;
