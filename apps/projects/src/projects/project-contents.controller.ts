import { Controller } from '@nestjs/common';
import { type ParsedInput, projects } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { MoveWorkspaces } from './move-workspaces.js';
import { ProjectTags } from './project-tags.js';

/** What hangs on a project: its tags and its workspaces. */
@Controller()
export class ProjectContentsController {
  constructor(
    private readonly tags: ProjectTags,
    private readonly moveWorkspaces: MoveWorkspaces,
  ) {}

  @Serve(projects.listTagBindings)
  listTagBindings(input: ParsedInput<typeof projects.listTagBindings>) {
    return this.tags.list(input);
  }

  @Serve(projects.addTagBindings)
  addTagBindings(input: ParsedInput<typeof projects.addTagBindings>) {
    return this.tags.add(input);
  }

  @Serve(projects.replaceTagBindings)
  replaceTagBindings(input: ParsedInput<typeof projects.replaceTagBindings>) {
    return this.tags.replace(input);
  }

  @Serve(projects.moveWorkspaces)
  move(input: ParsedInput<typeof projects.moveWorkspaces>) {
    return this.moveWorkspaces.move(input);
  }
}
