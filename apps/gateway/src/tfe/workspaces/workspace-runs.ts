// Which runs belong to workspaces: those of the targets that they are bound to.
import { Injectable } from '@nestjs/common';
import { isAppError, targetRuns, type Workspace } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { LatestRun } from './workspaces.codec.js';

/** A workspace is shown without its runs rather than late. */
const patienceMs = 2_000;

@Injectable()
export class WorkspaceRuns {
  constructor(private readonly mesh: Mesh) {}

  /** Of each workspace, in their order. Undefined for those of which apps/runs does not say it in time. */
  async latest(workspaces: readonly Workspace[]): Promise<LatestRun[]> {
    const places = workspaces.flatMap(({ place }) => place ?? []);
    const latest = places.length === 0 ? [] : await this.ask(places);
    let next = 0;
    return workspaces.map(({ place }) => {
      if (place === null) return null;
      next += 1;
      return latest?.[next - 1];
    });
  }

  async latestOf(workspace: Workspace): Promise<LatestRun> {
    return (await this.latest([workspace]))[0];
  }

  private async ask(places: NonNullable<Workspace['place']>[]): Promise<LatestRun[] | undefined> {
    try {
      return (await this.mesh.call(targetRuns.latest, { places }, { timeoutMs: patienceMs })).latest;
    } catch (error) {
      if (isAppError(error) && error.retryable) return undefined;
      throw error;
    }
  }
}
