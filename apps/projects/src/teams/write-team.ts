import { Injectable } from '@nestjs/common';
import {
  AppError,
  CreateTeamDocument,
  type HandlerResult,
  type ParsedInput,
  parseDocument,
  type teams,
  UpdateTeamDocument,
} from '@terramesh/contracts';
import { notFound, requireGrants } from '../access/grants.js';
import { canGrantAccess, canManageTeams, teamPermissions } from '../domain/identity-rules.js';
import { newId } from '../domain/ids.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamEntity } from '../persistence/team.entity.js';
import { TeamRepository } from '../persistence/team.repository.js';
import { write } from '../write.js';
import { OpenTeam } from './open-team.js';
import { isSameAccess, refuseOwnersName, wantedOrganizationAccess } from './team-document.js';
import { teamFacts, teamView } from './team-view.js';

@Injectable()
export class WriteTeam {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly teams: TeamRepository,
    private readonly openTeam: OpenTeam,
  ) {}

  create(request: ParsedInput<typeof teams.create>): Promise<HandlerResult<typeof teams.create>> {
    const { caller, organizationName, document } = request;
    return write(this.database, async (tx) => {
      const grants = await requireGrants(tx, caller, { name: organizationName });
      if (!canManageTeams(grants)) throw notFound();
      const { attributes } = parseDocument(CreateTeamDocument, document).data;
      refuseOwnersName(attributes.name);
      const organizationAccess = wantedOrganizationAccess([], attributes);
      if (organizationAccess.length > 0 && !canGrantAccess(grants)) throw notFound();
      const id = newId('team');
      await tx.insert(TeamEntity, {
        id,
        organizationId: grants.organization.id,
        name: attributes.name,
        organizationAccess,
        visibility: attributes.visibility ?? 'secret',
        ssoTeamId: attributes['sso-team-id'] ?? null,
        allowMemberTokenManagement: attributes['allow-member-token-management'] ?? true,
      });
      const row = await this.teams.find(tx, id);
      if (row === undefined) throw notFound();
      return teamView(row, grants);
    });
  }

  update(request: ParsedInput<typeof teams.update>): Promise<HandlerResult<typeof teams.update>> {
    const { caller, id, document } = request;
    return write(this.database, async (tx) => {
      if (!(await this.teams.lock(tx, id))) throw notFound();
      const { row, grants } = await this.openTeam.open(tx, caller, id);
      const permissions = teamPermissions(grants, teamFacts(row));
      if (!row.is_owners && !(permissions.canUpdateName || permissions.canUpdateOrganizationAccess)) throw notFound();
      if (row.is_owners && !grants.isOwner) throw notFound();
      const { attributes } = parseDocument(UpdateTeamDocument, document).data;
      const name = attributes.name ?? row.name;
      if (!row.is_owners) refuseOwnersName(name);
      const access = row.is_owners
        ? row.organization_access
        : wantedOrganizationAccess(row.organization_access, attributes);
      const change = {
        name,
        organizationAccess: access,
        visibility: attributes.visibility ?? row.visibility,
        ssoTeamId: attributes['sso-team-id'] === undefined ? row.sso_team_id : attributes['sso-team-id'],
        allowMemberTokenManagement: attributes['allow-member-token-management'] ?? row.allow_member_token_management,
      };
      if (row.is_owners && (name !== row.name || change.visibility !== row.visibility)) {
        throw new AppError('FORBIDDEN', 'the team of the owners keeps its name and its visibility');
      }
      if (!isSameAccess(row.organization_access, access) && !permissions.canUpdateOrganizationAccess) throw notFound();
      const isOther =
        name !== row.name ||
        change.visibility !== row.visibility ||
        change.ssoTeamId !== row.sso_team_id ||
        change.allowMemberTokenManagement !== row.allow_member_token_management;
      if (isOther && !row.is_owners && !permissions.canUpdateName) throw notFound();
      await tx.update(TeamEntity, { id }, change);
      const after = await this.teams.find(tx, id);
      if (after === undefined) throw notFound();
      return teamView(after, grants);
    });
  }

  async delete(request: ParsedInput<typeof teams.delete>): Promise<HandlerResult<typeof teams.delete>> {
    const { caller, id } = request;
    await write(this.database, async (tx) => {
      if (!(await this.teams.lock(tx, id))) throw notFound();
      const { row, grants } = await this.openTeam.open(tx, caller, id);
      if (!canManageTeams(grants)) throw notFound();
      if (row.is_owners) throw new AppError('FORBIDDEN', 'the team of the owners cannot be deleted');
      await tx.delete(TeamEntity, { id });
    });
    return {};
  }
}
