import { Injectable } from '@nestjs/common';
import { type HandlerResult, type ParsedInput, parseDocument, type projects } from '@terramesh/contracts';
import { notFound, requireGrants } from '../access/grants.js';
import { ownExecutionMode } from '../domain/execution-mode.js';
import { canCreateProject } from '../domain/permissions.js';
import { tagChanges } from '../domain/tags.js';
import { ProjectRepository } from '../persistence/project.repository.js';
import { ProjectTagRepository } from '../persistence/project-tag.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { write } from '../write.js';
import { wantedProject } from './project-document.js';
import { ProjectDocuments } from './project-documents.js';
import { projectView } from './project-view.js';

@Injectable()
export class CreateProject {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly projects: ProjectRepository,
    private readonly tags: ProjectTagRepository,
    private readonly documents: ProjectDocuments,
  ) {}

  create(request: ParsedInput<typeof projects.create>): Promise<HandlerResult<typeof projects.create>> {
    const { caller, organizationName, document } = request;
    return write(this.database, async (tx) => {
      const grants = await requireGrants(tx, caller, { name: organizationName });
      if (!canCreateProject(grants)) throw notFound();
      const { data } = parseDocument(this.documents.create, document);
      const { attributes, execution, tags = [] } = wantedProject({ data });
      const inherited = await this.projects.organizationMode(tx, grants.organization.id);
      const id = await this.projects.insert(tx, grants.organization.id, {
        description: null,
        autoDestroyActivityDuration: null,
        ...attributes,
        name: data.attributes.name,
        defaultExecutionMode: ownExecutionMode(execution, { own: null, inherited }),
      });
      await this.tags.write(tx, id, tagChanges([], tags, 'replace'));
      const row = await this.projects.find(tx, id, { teamIds: grants.teamIds, tags: 'without-tags' });
      if (row === undefined) throw new Error('a project just inserted is there');
      return projectView(row, grants);
    });
  }
}
