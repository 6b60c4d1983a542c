import { Injectable } from '@nestjs/common';
import type { PageRequest, TeamProject } from '@terramesh/contracts';
import { newId } from '../domain/ids.js';
import type { ProjectGrant } from '../domain/project-access.js';
import { TeamProjectEntity } from './team-project.entity.js';
import type { Transaction } from './transaction.js';

@Injectable()
export class TeamProjectRepository {
  /** What these teams may do in these projects, by project; one without an access is missing. */
  async grants(
    tx: Transaction,
    { teamIds, projectIds }: { teamIds: readonly string[]; projectIds: readonly string[] },
  ): Promise<Map<string, ProjectGrant[]>> {
    const rows = await tx.query<(ProjectGrant & { projectId: string })[]>(
      `select project_id as "projectId", access, project_access as "projectAccess", workspace_access as "workspaceAccess"
       from team_project where project_id = any($1::text[]) and team_id = any($2::text[])`,
      [projectIds, teamIds],
    );
    const grants = new Map<string, ProjectGrant[]>();
    for (const { projectId, ...grant } of rows) grants.set(projectId, [...(grants.get(projectId) ?? []), grant]);
    return grants;
  }

  async find(tx: Transaction, id: string): Promise<TeamProject | undefined> {
    const row = await tx.findOne(TeamProjectEntity, { where: { id } });
    return row === null ? undefined : viewOf(row);
  }

  /** Locked until `tx` ends. */
  async lock(tx: Transaction, id: string): Promise<TeamProject | undefined> {
    const row = await tx.findOne(TeamProjectEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
    return row === null ? undefined : viewOf(row);
  }

  /** In the order in which they were made. */
  async page(tx: Transaction, projectId: string, page: PageRequest): Promise<{ items: TeamProject[]; total: number }> {
    const [rows, total] = await tx.findAndCount(TeamProjectEntity, {
      where: { projectId },
      order: { createdAt: 'asc', id: 'asc' },
      take: page.size,
      skip: (page.number - 1) * page.size,
    });
    return { items: rows.map(viewOf), total };
  }

  /** True when the team exists in the organization. */
  async hasTeam(tx: Transaction, { teamId, organizationId }: { teamId: string; organizationId: string }) {
    const rows = await tx.query<unknown[]>('select 1 from team where id = $1 and organization_id = $2', [
      teamId,
      organizationId,
    ]);
    return rows.length > 0;
  }

  /** Breaks `team_project_once` when the team has access already, and a reference when team or project are gone. */
  async insert(tx: Transaction, teamProject: Omit<TeamProject, 'id'>): Promise<TeamProject> {
    const row = { id: newId('tprj'), ...teamProject };
    await tx.insert(TeamProjectEntity, row);
    return row;
  }

  async update(tx: Transaction, id: string, grant: ProjectGrant): Promise<void> {
    const { access, projectAccess, workspaceAccess } = grant;
    await tx.update(TeamProjectEntity, { id }, { access, projectAccess, workspaceAccess });
  }

  /** False when it is gone already. */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    const { affected } = await tx.delete(TeamProjectEntity, { id });
    return affected !== 0;
  }
}

function viewOf({ id, teamId, projectId, access, projectAccess, workspaceAccess }: TeamProjectEntity): TeamProject {
  return { id, teamId, projectId, access, projectAccess, workspaceAccess };
}
