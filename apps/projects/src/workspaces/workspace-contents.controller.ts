import { Controller } from '@nestjs/common';
import { type ParsedInput, workspaces } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { WorkspaceRepository } from '../persistence/workspace.repository.js';
import { LockWorkspace } from './lock-workspace.js';
import { WorkspaceTags } from './workspace-tags.js';

/** What hangs on a workspace: its lock and its tags. */
@Controller()
export class WorkspaceContentsController {
  constructor(
    private readonly lockWorkspace: LockWorkspace,
    private readonly tags: WorkspaceTags,
    private readonly workspaces: WorkspaceRepository,
    private readonly database: ProjectsDatabase,
  ) {}

  @Serve(workspaces.lock)
  lock(input: ParsedInput<typeof workspaces.lock>) {
    return this.lockWorkspace.lock(input);
  }

  @Serve(workspaces.unlock)
  unlock(input: ParsedInput<typeof workspaces.unlock>) {
    return this.lockWorkspace.unlock(input);
  }

  @Serve(workspaces.listTagNames)
  listTagNames(input: ParsedInput<typeof workspaces.listTagNames>) {
    return this.tags.listNames(input);
  }

  @Serve(workspaces.addTagNames)
  addTagNames(input: ParsedInput<typeof workspaces.addTagNames>) {
    return this.tags.addNames(input);
  }

  @Serve(workspaces.removeTagNames)
  removeTagNames(input: ParsedInput<typeof workspaces.removeTagNames>) {
    return this.tags.removeNames(input);
  }

  @Serve(workspaces.listTagBindings)
  listTagBindings(input: ParsedInput<typeof workspaces.listTagBindings>) {
    return this.tags.listBindings(input);
  }

  @Serve(workspaces.addTagBindings)
  addTagBindings(input: ParsedInput<typeof workspaces.addTagBindings>) {
    return this.tags.writeBindings(input, 'add');
  }

  @Serve(workspaces.replaceTagBindings)
  replaceTagBindings(input: ParsedInput<typeof workspaces.replaceTagBindings>) {
    return this.tags.writeBindings(input, 'replace');
  }

  @Serve(workspaces.existing)
  async existing({ ids }: ParsedInput<typeof workspaces.existing>) {
    return { ids: await this.workspaces.existing(this.database.dataSource.manager, ids) };
  }
}
