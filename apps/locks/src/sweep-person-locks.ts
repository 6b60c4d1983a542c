// Frees what people locked of workspaces that are no more: a delete whose word to us was lost, or a whole organization.
import { Injectable } from '@nestjs/common';
import { isAppError, workspaces } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { LockWorkspace } from './lock-workspace.js';
import { PersonLockRepository } from './persistence/person-lock.repository.js';

/** Younger ones are left alone: what is known of their workspace may be older than they are. */
const defaultGraceMs = 60_000;
const idsPerCall = 500;

@Injectable()
export class SweepPersonLocks {
  constructor(
    private readonly people: PersonLockRepository,
    private readonly lockWorkspace: LockWorkspace,
    private readonly mesh: Mesh,
  ) {}

  /** How many were freed; undefined when apps/projects did not answer: then nothing more was freed. */
  async sweepOnce(options: { graceMs?: number; signal?: AbortSignal } = {}): Promise<number | undefined> {
    const graceMs = options.graceMs ?? defaultGraceMs;
    let freed = 0;
    for (let after = ''; ; ) {
      const ids = await this.people.workspacesAfter({ after, limit: idsPerCall, graceMs });
      const last = ids.at(-1);
      if (last === undefined) return freed;
      const existing = await this.existing(ids, options.signal);
      if (existing === undefined) return undefined;
      const gone = ids.filter((id) => !existing.has(id));
      if (gone.length > 0) await this.lockWorkspace.forget({ workspaceIds: gone });
      freed += gone.length;
      after = last;
    }
  }

  private async existing(ids: string[], signal: AbortSignal | undefined): Promise<Set<string> | undefined> {
    try {
      const answer = await this.mesh.call(workspaces.existing, { ids }, signal === undefined ? {} : { signal });
      return new Set(answer.ids);
    } catch (error) {
      if (isAppError(error) && error.retryable) return undefined;
      throw error;
    }
  }
}
