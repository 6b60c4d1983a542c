// A database of its own for a file of tests, and runs in it as they are when their targets wait to be claimed.
import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from '@terramesh/database';
import { createTestDatabase, type TestDatabase } from '@terramesh/testing';
import { idRandomBytes, newExecutionId, newRunId } from '../src/domain/ids.js';
import { insertExecutions } from '../src/persistence/execution.repository.js';
import { type Claim, insertRun, type NewRun, startRunning } from '../src/persistence/run.repository.js';
import { runsSchema } from '../src/persistence/runs-schema.js';

let testDatabase: TestDatabase;
export let database: Database;

export async function openQueue(): Promise<void> {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ ...runsSchema, url: testDatabase.url });
}

export async function closeQueue(): Promise<void> {
  await database.close();
  await testDatabase.drop();
}

export async function emptyQueue(): Promise<void> {
  await database.dataSource.query('truncate run, outbox cascade');
}

export const manager = () => database.dataSource.manager;
export const lease = (owner = 'host-a') => ({ owner, seconds: 30 });

export async function insert(
  kind: 'plan' | 'apply' = 'plan',
  repository = 'acme/infra',
  key: string | null = null,
  origin: 'user' | 'drift' = 'user',
  claim?: Claim,
) {
  const id = newRunId(randomBytes(idRandomBytes));
  const run: NewRun = {
    id,
    kind,
    type: 'Github',
    hostname: 'github.com',
    repository,
    cloneUrl: `https://github.com/${repository}.git`,
    ref: 'main',
    pull: null,
    projects: [],
    paths: [],
    everyTarget: false,
    origin,
    expectedCommit: null,
    limits: null,
    misfits: 'refuse',
    userName: '',
    idempotencyKey: key,
    requestHash: 'hash',
  };
  return { id, inserted: await insertRun(manager(), run, claim) };
}

/** A running run whose targets hold their locks. */
export async function running(
  targets: number,
  options: {
    kind?: 'plan' | 'apply';
    repository?: string;
    origin?: 'user' | 'drift';
    fence?: null;
    claim?: Claim & { count: number };
  } = {},
) {
  const { kind = 'plan', repository = 'acme/infra', origin = 'user' } = options;
  const { id } = await insert(kind, repository, null, origin);
  const executions = Array.from({ length: targets }, (_, ordinal) => ({
    id: newExecutionId(randomBytes(idRandomBytes)),
    runId: id,
    ordinal,
    origin,
    repositoryKey: `github.com/${repository}`,
    directory: `dir-${ordinal}`,
    terraformWorkspace: 'default',
    name: '',
    executionOrderGroup: 0,
    dependsOn: [],
    fence: options.fence === null ? null : ordinal,
  }));
  const { claim } = options;
  const claimed = await insertExecutions(manager(), executions, {
    firstTurn: null,
    ...(claim === undefined ? {} : { claim }),
  });
  await startRunning(manager(), { runId: id, commit: 'a'.repeat(40), leftOut: [] });
  return { runId: id, executionIds: executions.map((one) => one.id), claimed };
}
