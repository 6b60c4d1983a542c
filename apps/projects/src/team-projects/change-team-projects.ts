import { Injectable } from '@nestjs/common';
import {
  CreateTeamProjectDocument,
  type HandlerResult,
  type ParsedInput,
  parseDocument,
  type teamProjects,
  UpdateTeamProjectDocument,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { wantedAccess } from '../domain/wanted-access.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamProjectRepository } from '../persistence/team-project.repository.js';
import { write } from '../write.js';
import { OpenTeamProject } from './open-team-project.js';

@Injectable()
export class ChangeTeamProjects {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenTeamProject,
    private readonly teamProjects: TeamProjectRepository,
  ) {}

  async create(request: ParsedInput<typeof teamProjects.create>): Promise<HandlerResult<typeof teamProjects.create>> {
    // The project is in the document, so the document comes before what may be seen of it.
    const { data } = parseDocument(CreateTeamProjectDocument, request.document);
    const { team, project } = data.relationships;
    return write(this.database, async (tx) => {
      const wanted = { caller: request.caller, id: project.data.id };
      const { grants } = await this.open.project(tx, wanted, 'canManageTeams');
      const teamId = team.data.id;
      const isThere = await this.teamProjects.hasTeam(tx, { teamId, organizationId: grants.organization.id });
      if (!isThere) throw notFound();
      const access = wantedAccess(data.attributes, undefined);
      return this.teamProjects.insert(tx, { teamId, projectId: project.data.id, ...access });
    });
  }

  update(request: ParsedInput<typeof teamProjects.update>): Promise<HandlerResult<typeof teamProjects.update>> {
    return write(this.database, async (tx) => {
      await this.open.teamProject(tx, request, 'canManageTeams');
      const { data } = parseDocument(UpdateTeamProjectDocument, request.document);
      const present = await this.teamProjects.lock(tx, request.id);
      if (present === undefined) throw notFound();
      const access = wantedAccess(data.attributes, present);
      await this.teamProjects.update(tx, request.id, access);
      return { ...present, ...access };
    });
  }

  delete(request: ParsedInput<typeof teamProjects.delete>): Promise<HandlerResult<typeof teamProjects.delete>> {
    return write(this.database, async (tx) => {
      await this.open.teamProject(tx, request, 'canManageTeams');
      if (!(await this.teamProjects.delete(tx, request.id))) throw notFound();
      return {};
    });
  }
}
