import { Injectable } from '@nestjs/common';
import type { HandlerResult, ParsedInput, teams } from '@terramesh/contracts';
import { requireGrants } from '../access/grants.js';
import { seesSecretTeams } from '../domain/identity-rules.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamRepository } from '../persistence/team.repository.js';
import { OpenTeam } from './open-team.js';
import { teamView } from './team-view.js';

@Injectable()
export class FindTeams {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly teams: TeamRepository,
    private readonly openTeam: OpenTeam,
  ) {}

  async show({ caller, id }: ParsedInput<typeof teams.show>): Promise<HandlerResult<typeof teams.show>> {
    const { row, grants } = await this.openTeam.open(this.database.dataSource.manager, caller, id);
    return teamView(row, grants);
  }

  async list(request: ParsedInput<typeof teams.list>): Promise<HandlerResult<typeof teams.list>> {
    const { caller, organizationName, page, names, query } = request;
    const { manager } = this.database.dataSource;
    const grants = await requireGrants(manager, caller, { name: organizationName });
    const filter = {
      organizationId: grants.organization.id,
      secret: seesSecretTeams(grants) ? 'seen' : 'hidden',
      teamIds: grants.teamIds,
      names,
      query,
    } as const;
    const { rows, total, matching } = await this.teams.list(manager, filter, page);
    return { items: rows.map((row) => teamView(row, grants)), total, matching };
  }
}
