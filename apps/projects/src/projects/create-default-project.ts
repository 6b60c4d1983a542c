import { newId } from '../domain/ids.js';
import { ProjectEntity } from '../persistence/project.entity.js';
import type { Transaction } from '../persistence/transaction.js';

const name = 'Default Project';

/** The project that every organization is born with; for the transaction that makes the organization. Returns its id. */
export async function createDefaultProject(tx: Transaction, organizationId: string): Promise<string> {
  const id = newId('prj');
  await tx.insert(ProjectEntity, { id, organizationId, name, isDefault: true });
  return id;
}
