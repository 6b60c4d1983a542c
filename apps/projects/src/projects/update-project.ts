import { Injectable } from '@nestjs/common';
import { type HandlerResult, type ParsedInput, parseDocument, type projects } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { ownExecutionMode } from '../domain/execution-mode.js';
import { tagChanges } from '../domain/tags.js';
import { ProjectRepository } from '../persistence/project.repository.js';
import { ProjectTagRepository } from '../persistence/project-tag.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { write } from '../write.js';
import { OpenProject } from './open-project.js';
import { wantedProject } from './project-document.js';
import { ProjectDocuments } from './project-documents.js';
import { projectView } from './project-view.js';

@Injectable()
export class UpdateProject {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenProject,
    private readonly projects: ProjectRepository,
    private readonly tags: ProjectTagRepository,
    private readonly documents: ProjectDocuments,
  ) {}

  update(request: ParsedInput<typeof projects.update>): Promise<HandlerResult<typeof projects.update>> {
    const { caller, id, document } = request;
    return write(this.database, async (tx) => {
      const { permissions, grants, project } = await this.open.project(tx, { caller, id });
      if (!permissions.canUpdate) throw notFound();
      const wanted = wantedProject(parseDocument(this.documents.update, document));
      if (wanted.tags !== undefined && !permissions.canManageTags) throw notFound();
      const before = await this.projects.lock(tx, id);
      if (before === undefined) throw notFound();
      const own = before.defaultExecutionMode;
      const inherited = project.defaultExecutionMode;
      await this.projects.update(tx, id, {
        ...wanted.attributes,
        defaultExecutionMode: ownExecutionMode(wanted.execution, { own, inherited }),
      });
      if (wanted.tags !== undefined) {
        await this.tags.write(tx, id, tagChanges(await this.tags.list(tx, id), wanted.tags, 'replace'));
      }
      const row = await this.projects.find(tx, id, { teamIds: grants.teamIds, tags: 'without-tags' });
      if (row === undefined) throw new Error('a locked project stays');
      return projectView(row, grants);
    });
  }
}
