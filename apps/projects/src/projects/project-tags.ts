import { Injectable } from '@nestjs/common';
import {
  type HandlerResult,
  type ParsedInput,
  parseDocument,
  type projects,
  TagBindingsDocument,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { canCreateTags } from '../domain/permissions.js';
import { onlyAdds, tagChanges } from '../domain/tags.js';
import { ProjectRepository } from '../persistence/project.repository.js';
import { ProjectTagRepository } from '../persistence/project-tag.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { write } from '../write.js';
import { OpenProject } from './open-project.js';

type Request = ParsedInput<typeof projects.addTagBindings>;
type Result = HandlerResult<typeof projects.addTagBindings>;

@Injectable()
export class ProjectTags {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly open: OpenProject,
    private readonly projects: ProjectRepository,
    private readonly tags: ProjectTagRepository,
  ) {}

  async list(request: ParsedInput<typeof projects.listTagBindings>): Promise<Result> {
    const { manager } = this.database.dataSource;
    const { project } = await this.open.project(manager, request, 'with-tags');
    return { items: [...(project.tags ?? [])] };
  }

  add(request: Request): Promise<Result> {
    return this.change(request, 'add');
  }

  replace(request: Request): Promise<Result> {
    return this.change(request, 'replace');
  }

  private change(request: Request, mode: 'add' | 'replace'): Promise<Result> {
    return write(this.database, async (tx) => {
      const { project, permissions, grants } = await this.open.project(tx, request);
      const mayAdd = canCreateTags(grants, project.grants);
      if (!permissions.canManageTags && !(mode === 'add' && mayAdd)) throw notFound();
      const wanted = parseDocument(TagBindingsDocument, request.document).data;
      if ((await this.projects.lock(tx, project.id)) === undefined) throw notFound();
      const changes = tagChanges(await this.tags.list(tx, project.id), wanted, mode);
      if (!permissions.canManageTags && !onlyAdds(changes)) throw notFound();
      await this.tags.write(tx, project.id, changes);
      return { items: await this.tags.list(tx, project.id) };
    });
  }
}
