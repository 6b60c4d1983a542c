import { Controller } from '@nestjs/common';
import { type ParsedInput, workspaces } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { CreateWorkspace } from './create-workspace.js';
import { DeleteWorkspace } from './delete-workspace.js';
import { ReadWorkspaces } from './read-workspaces.js';
import { UpdateWorkspace } from './update-workspace.js';

@Controller()
export class WorkspacesController {
  constructor(
    private readonly readWorkspaces: ReadWorkspaces,
    private readonly createWorkspace: CreateWorkspace,
    private readonly updateWorkspace: UpdateWorkspace,
    private readonly deleteWorkspace: DeleteWorkspace,
  ) {}

  @Serve(workspaces.list)
  list(input: ParsedInput<typeof workspaces.list>) {
    return this.readWorkspaces.list(input);
  }

  @Serve(workspaces.show)
  show({ include, ...request }: ParsedInput<typeof workspaces.show>) {
    return this.readWorkspaces.show(request, include);
  }

  @Serve(workspaces.showOfPlace)
  showOfPlace({ caller, place }: ParsedInput<typeof workspaces.showOfPlace>) {
    return this.readWorkspaces.show({ caller, key: { place } });
  }

  @Serve(workspaces.create)
  create(input: ParsedInput<typeof workspaces.create>) {
    return this.createWorkspace.create(input);
  }

  @Serve(workspaces.update)
  update(input: ParsedInput<typeof workspaces.update>) {
    return this.updateWorkspace.update(input);
  }

  @Serve(workspaces.delete)
  delete(input: ParsedInput<typeof workspaces.delete>) {
    return this.deleteWorkspace.delete(input);
  }
}
