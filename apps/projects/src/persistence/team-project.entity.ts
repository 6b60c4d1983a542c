import type { ProjectAccess, ProjectAccessName, WorkspaceAccess } from '@terramesh/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'team_project' })
export class TeamProjectEntity {
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ name: 'team_id', type: 'text' })
  teamId: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId: string;

  @Column({ type: 'text' })
  access: ProjectAccessName;

  /** Every level spelled out, also where the access implies them: lists are filtered by them in SQL. */
  @Column({ name: 'project_access', type: 'jsonb' })
  projectAccess: ProjectAccess;

  @Column({ name: 'workspace_access', type: 'jsonb' })
  workspaceAccess: WorkspaceAccess;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
