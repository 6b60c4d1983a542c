// The Terraform state of targets that configure no backend: by hand it would lie in their directory, and be lost with
// the checkout.
import type { EntityManager } from 'typeorm';
import { seal, unseal } from '../store/sealed.js';

export interface StateKey {
  readonly hostname: string;
  readonly repository: string;
  readonly directory: string;
  readonly terraformWorkspace: string;
}

export interface TerraformState {
  readonly serial: number;
  readonly lineage: string;
  readonly content: Buffer;
}

const columns = (key: StateKey) => [key.hostname, key.repository, key.directory, key.terraformWorkspace];

export async function findTerraformState(
  tx: EntityManager,
  key: StateKey,
  encryptionKey: Buffer | null,
): Promise<Buffer | undefined> {
  const [row] = await tx.query<{ content: Buffer }[]>(
    `select content from terraform_state
     where hostname = $1 and repository = $2 and directory = $3 and terraform_workspace = $4`,
    columns(key),
  );
  return row === undefined ? undefined : unseal(encryptionKey, row.content);
}

/**
 * Keeps a state unless a later one (same lineage, higher serial) is there already. Over `older`: nor when the one that is
 * there is of another lineage or not older.
 */
export async function saveTerraformState(
  tx: EntityManager,
  key: StateKey,
  state: TerraformState & { executionId: string; encryptionKey: Buffer | null; over: 'any' | 'older' },
): Promise<void> {
  await tx.query(
    `insert into terraform_state (hostname, repository, directory, terraform_workspace, serial, lineage, content, execution_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (hostname, repository, directory, terraform_workspace) do update
       set serial = excluded.serial, lineage = excluded.lineage, content = excluded.content,
         execution_id = excluded.execution_id, updated_at = now()
       where terraform_state.lineage = excluded.lineage and terraform_state.serial < excluded.serial
         or $9 = 'any' and (terraform_state.lineage <> excluded.lineage or terraform_state.serial = excluded.serial)`,
    [
      ...columns(key),
      state.serial,
      state.lineage,
      seal(state.encryptionKey, state.content),
      state.executionId,
      state.over,
    ],
  );
}

export async function deleteTerraformState(tx: EntityManager, key: StateKey): Promise<void> {
  await tx.query(
    `delete from terraform_state
     where hostname = $1 and repository = $2 and directory = $3 and terraform_workspace = $4`,
    columns(key),
  );
}
