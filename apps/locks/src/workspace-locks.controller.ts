import { Controller } from '@nestjs/common';
import { type ParsedInput, workspaceLocks } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { LockWorkspace } from './lock-workspace.js';

/** What people do to workspaces. */
@Controller()
export class WorkspaceLocksController {
  constructor(private readonly lockWorkspace: LockWorkspace) {}

  @Serve(workspaceLocks.lock)
  lock(input: ParsedInput<typeof workspaceLocks.lock>) {
    return this.lockWorkspace.lock(input);
  }

  @Serve(workspaceLocks.unlock)
  unlock(input: ParsedInput<typeof workspaceLocks.unlock>) {
    return this.lockWorkspace.unlock(input);
  }

  @Serve(workspaceLocks.standings)
  standings(input: ParsedInput<typeof workspaceLocks.standings>) {
    return this.lockWorkspace.standings(input);
  }

  @Serve(workspaceLocks.forget)
  forget(input: ParsedInput<typeof workspaceLocks.forget>) {
    return this.lockWorkspace.forget(input);
  }
}
