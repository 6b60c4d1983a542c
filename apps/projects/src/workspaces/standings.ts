// Asks apps/locks who keeps others off workspaces: the truth about that is there and nowhere else.
import { Injectable } from '@nestjs/common';
import { AppError, type WorkspaceStanding, workspaceLocks } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { WorkspaceRow } from '../persistence/workspace-row.js';
import { nobody, placeOf } from './workspace-view.js';

/** Shorter than callers wait for their answer; an update keeps the row locked meanwhile. */
const patienceMs = 4_000;

type Placed = Pick<WorkspaceRow, 'id' | 'hostname' | 'repository' | 'targetDirectory' | 'terraformWorkspace'>;

@Injectable()
export class Standings {
  constructor(private readonly mesh: Mesh) {}

  /** One for each, in their order. Rejects with UNAVAILABLE or TIMEOUT rather than guess. */
  async ofAll(workspaces: readonly Placed[]): Promise<WorkspaceStanding[]> {
    if (workspaces.length === 0) return [];
    const asked = workspaces.map((workspace) => ({ workspaceId: workspace.id, place: placeOf(workspace) }));
    const { standings } = await this.mesh.call(
      workspaceLocks.standings,
      { workspaces: asked },
      { timeoutMs: patienceMs },
    );
    if (standings.length !== workspaces.length) throw new AppError('INTERNAL', 'apps/locks left a workspace out');
    return standings;
  }

  async of(workspace: Placed): Promise<WorkspaceStanding> {
    const [standing] = await this.ofAll([workspace]);
    return standing ?? nobody;
  }
}
