// The state of a target that keeps it in its own directory: put into the checkout before Terraform runs, taken out after an apply.
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { RunsContext } from '../context.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { findTerraformState, type StateKey, saveTerraformState } from '../persistence/terraform-state.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { ExecutionFailed } from './failure.js';
import { readIfThere } from './files.js';

const StateFile = z.object({ serial: z.number().int().nonnegative(), lineage: z.string() });

/** What `init` left in TF_DATA_DIR about the backend. */
const InitializedBackend = z.object({
  backend: z.object({
    type: z.string(),
    config: z.object({ path: z.string().nullish(), workspace_dir: z.string().nullish() }).nullish(),
  }),
});

/**
 * Where Terraform keeps this target's state inside the checkout: no backend is configured, or the local one with a
 * relative path. Null when the state is somewhere else and looks after itself.
 */
export async function keptStatePath(place: {
  root: string;
  /** The real path of the target's directory. */
  directory: string;
  dataDir: string;
  terraformWorkspace: string;
}): Promise<string | null> {
  const { root, directory, dataDir, terraformWorkspace } = place;
  const text = await readIfThere(join(dataDir, 'terraform.tfstate'));
  const backend = text === undefined ? undefined : InitializedBackend.parse(JSON.parse(text.toString('utf8'))).backend;
  if (backend !== undefined && backend.type !== 'local') return null;
  const { path, workspace_dir: workspaceDir } = backend?.config ?? {};
  const file =
    terraformWorkspace === 'default'
      ? path || 'terraform.tfstate'
      : join(workspaceDir || 'terraform.tfstate.d', terraformWorkspace, 'terraform.tfstate');
  const inside = relative(await realpath(root), resolve(directory, file));
  return isAbsolute(file) || inside.startsWith('..') ? null : resolve(directory, file);
}

export async function restoreState(
  context: RunsContext,
  run: RunEntity,
  execution: ExecutionEntity,
  path: string,
): Promise<void> {
  const content = await findTerraformState(context.manager, stateKey(run, execution), context.encryptionKey);
  if (content === undefined) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
}

/** Throws ExecutionFailed when this target kept a state here before it had a backend: a plan would make all of it again. */
export async function refuseForgottenState(
  context: RunsContext,
  run: RunEntity,
  execution: ExecutionEntity,
): Promise<void> {
  const forgotten = await findTerraformState(context.manager, stateKey(run, execution), context.encryptionKey);
  if (forgotten === undefined) return;
  throw new ExecutionFailed(
    'this target was applied before it had a backend, and its state is kept by terramesh: with the backend it has now, ' +
      'everything would be created again. Move the state into the backend first, or take the backend out again ' +
      '(docs/operations.md says how).',
  );
}

/**
 * Keeps what an apply wrote, over `any` state that is kept, or only over an `older` one of the same lineage. Nothing to
 * keep, or not a state: nothing happens.
 */
export async function keepState(
  tx: Transaction,
  context: RunsContext,
  kept: { run: RunEntity; execution: ExecutionEntity; path: string; over: 'any' | 'older' },
): Promise<void> {
  const content = await readIfThere(kept.path);
  const header = content === undefined ? undefined : parseHeader(content);
  if (content === undefined || header === undefined) return;
  const { encryptionKey } = context;
  const executionId = kept.execution.id;
  await saveTerraformState(tx, stateKey(kept.run, kept.execution), {
    ...header,
    content,
    executionId,
    encryptionKey,
    over: kept.over,
  });
}

function parseHeader(content: Buffer): z.infer<typeof StateFile> | undefined {
  try {
    return StateFile.parse(JSON.parse(content.toString('utf8')));
  } catch {
    return undefined; // An apply that was killed may leave half a file: what is stored is then still the last good one.
  }
}

function stateKey(run: RunEntity, execution: ExecutionEntity): StateKey {
  const { directory, terraformWorkspace } = execution;
  // As hosts compare them: Acme/Infra is acme/infra.
  return {
    hostname: run.hostname.toLowerCase(),
    repository: run.repository.toLowerCase(),
    directory,
    terraformWorkspace,
  };
}
