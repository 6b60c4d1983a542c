import { Injectable } from '@nestjs/common';
import type { TagBinding } from '@terramesh/contracts';
import { newId } from '../domain/ids.js';
import type { Tag, TagChanges } from '../domain/tags.js';
import { ProjectTagEntity } from './project-tag.entity.js';
import type { Transaction } from './transaction.js';

@Injectable()
export class ProjectTagRepository {
  /** In the order in which they came. Lock the project first to change them. */
  async list(tx: Transaction, projectId: string): Promise<TagBinding[]> {
    const rows = await tx.find(ProjectTagEntity, { where: { projectId }, order: { position: 'asc' } });
    return rows.map(({ id, key, value }) => ({ id, key, value }));
  }

  async write(tx: Transaction, projectId: string, { added, changed, removed }: TagChanges): Promise<void> {
    if (removed.length > 0) {
      await tx.query('delete from project_tag where project_id = $1 and key = any($2::text[])', [projectId, removed]);
    }
    for (const { key, value } of changed) await tx.update(ProjectTagEntity, { projectId, key }, { value });
    if (added.length > 0)
      await tx.insert(
        ProjectTagEntity,
        added.map((tag: Tag) => ({ id: newId('tb'), projectId, ...tag })),
      );
  }
}
