import { Controller } from '@nestjs/common';
import { type ParsedInput, projects } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { CreateProject } from './create-project.js';
import { DeleteProject } from './delete-project.js';
import { ListProjects } from './list-projects.js';
import { ShowProject } from './show-project.js';
import { UpdateProject } from './update-project.js';

@Controller()
export class ProjectsController {
  constructor(
    private readonly listProjects: ListProjects,
    private readonly showProject: ShowProject,
    private readonly createProject: CreateProject,
    private readonly updateProject: UpdateProject,
    private readonly deleteProject: DeleteProject,
  ) {}

  @Serve(projects.list)
  list(input: ParsedInput<typeof projects.list>) {
    return this.listProjects.list(input);
  }

  @Serve(projects.show)
  show(input: ParsedInput<typeof projects.show>) {
    return this.showProject.show(input);
  }

  @Serve(projects.find)
  find(input: ParsedInput<typeof projects.find>) {
    return this.showProject.find(input);
  }

  @Serve(projects.create)
  create(input: ParsedInput<typeof projects.create>) {
    return this.createProject.create(input);
  }

  @Serve(projects.update)
  update(input: ParsedInput<typeof projects.update>) {
    return this.updateProject.update(input);
  }

  @Serve(projects.delete)
  delete(input: ParsedInput<typeof projects.delete>) {
    return this.deleteProject.delete(input);
  }
}
