// Workspaces as far as moving them from project to project needs them.
import { Injectable } from '@nestjs/common';
import type { Transaction } from './transaction.js';

export interface MovableWorkspace {
  readonly id: string;
  readonly projectId: string;
}

@Injectable()
export class MovingRepository {
  /** Those of the organization, locked until `tx` ends; always in the same order, so that two moves cannot deadlock. */
  lock(tx: Transaction, { organizationId, ids }: { organizationId: string; ids: readonly string[] }) {
    return tx.query<MovableWorkspace[]>(
      `select id, project_id as "projectId" from workspace
       where organization_id = $1 and id = any($2::text[]) order by id for no key update`,
      [organizationId, ids],
    );
  }

  /** Breaks a reference when the project is gone. */
  async move(tx: Transaction, { projectId, ids }: { projectId: string; ids: readonly string[] }): Promise<void> {
    await tx.query('update workspace set project_id = $1 where id = any($2::text[]) and project_id <> $1', [
      projectId,
      ids,
    ]);
  }
}
