// Two replicas decide on the same rows, and one of them is slow: what it decided on is no longer so when it writes.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '@terramesh/database';
import { createTestDatabase, type TestDatabase } from '@terramesh/testing';
import { idRandomBytes, newExecutionId, newRunId } from '../src/domain/ids.js';
import {
  applyChange,
  claimExecution,
  getExecution,
  insertExecutions,
} from '../src/persistence/execution.repository.js';
import { recordGranted } from '../src/persistence/lock-work.repository.js';
import { insertRun, startRunning } from '../src/persistence/run.repository.js';
import { runsSchema } from '../src/persistence/runs-schema.js';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ ...runsSchema, url: testDatabase.url });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const manager = () => database.dataSource.manager;
const canceled = { state: 'canceled', problem: 'canceled before it started' } as const;

/** The only execution of a running plan, which waits for its lock. */
async function waiting(): Promise<string> {
  await database.dataSource.query('truncate run cascade');
  const runId = newRunId(randomBytes(idRandomBytes));
  const repository = 'acme/infra';
  await insertRun(manager(), {
    id: runId,
    kind: 'plan',
    type: 'Github',
    hostname: 'github.com',
    repository,
    cloneUrl: `https://github.com/${repository}.git`,
    ref: 'main',
    pull: null,
    projects: [],
    paths: [],
    everyTarget: false,
    origin: 'user',
    expectedCommit: null,
    limits: null,
    misfits: 'refuse',
    userName: '',
    idempotencyKey: null,
    requestHash: 'hash',
  });
  const id = newExecutionId(randomBytes(idRandomBytes));
  const place = {
    origin: 'user' as const,
    repositoryKey: `github.com/${repository}`,
    directory: 'dir',
    terraformWorkspace: 'default',
    name: '',
  };
  const order = { ordinal: 0, executionOrderGroup: 0, dependsOn: [] };
  await insertExecutions(manager(), [{ id, runId, ...place, ...order, fence: null }], { firstTurn: null });
  await startRunning(manager(), { runId, commit: 'a'.repeat(40), leftOut: [] });
  return id;
}

const grant = (id: string) => recordGranted(manager(), { fences: new Map([[id, 7]]), waitingFor: null });

test('a lock that another replica has put on record is not taken for one that nobody needs', async () => {
  const id = await waiting();
  expect(await grant(id)).toEqual([]);
  expect(await grant(id)).toEqual([]);
  expect(await getExecution(manager(), id)).toMatchObject({ lockState: 'held', lockFence: 7 });
});

test.each(['guarding', 'kept'] as const)(
  'a lock that is %s for an unknown outcome is still needed',
  async (lockState) => {
    const id = await waiting();
    await database.dataSource.query('update execution set lock_state = $2 where id = $1', [id, lockState]);
    expect(await grant(id)).toEqual([]);
  },
);

test('a lock that is granted to an execution that was canceled meanwhile is nobody’s', async () => {
  const id = await waiting();
  await applyChange(manager(), await getExecution(manager(), id), canceled);
  expect(await grant(id)).toEqual([id]);
  expect(await getExecution(manager(), id)).toMatchObject({ state: 'canceled', lockState: 'releasing' });
});

test('an execution that was claimed since somebody looked at it is not canceled as one that waits', async () => {
  const id = await waiting();
  await grant(id);
  const seen = await getExecution(manager(), id);
  expect(await claimExecution(manager(), { owner: 'host-a', seconds: 30 })).toMatchObject({ id });
  await expect(applyChange(manager(), seen, canceled)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await getExecution(manager(), id)).toMatchObject({ state: 'leased', leaseOwner: 'host-a' });
});
