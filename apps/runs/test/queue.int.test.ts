// The queue in Postgres: who gets what, and whose writes count.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '@terramesh/database';
import { createTestDatabase, type TestDatabase } from '@terramesh/testing';
import { idRandomBytes, newExecutionId, newRunId } from '../src/domain/ids.js';
import { ExecutionEntity } from '../src/persistence/execution.entity.js';
import {
  changeOwned,
  claimExecution,
  findExecutions,
  findLostLocked,
  insertExecutions,
  renewLeases,
  StaleLeaseError,
  takeFromLostWorker,
} from '../src/persistence/execution.repository.js';
import { appendLines, readChunks } from '../src/persistence/log.repository.js';
import { readTexts, saveResult } from '../src/persistence/result.repository.js';
import { claimRun, getRun, insertRun, startRunning } from '../src/persistence/run.repository.js';
import { runsSchema } from '../src/persistence/runs-schema.js';
import { settleRun } from '../src/settle-run.js';

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
beforeEach(async () => {
  await database.dataSource.query('truncate run, outbox cascade');
});

const manager = () => database.dataSource.manager;
const lease = (owner = 'host-a') => ({ owner, seconds: 30 });

async function insert(
  kind: 'plan' | 'apply' = 'plan',
  repository = 'acme/infra',
  key: string | null = null,
  origin: 'user' | 'drift' = 'user',
) {
  const id = newRunId(randomBytes(idRandomBytes));
  const inserted = await insertRun(manager(), {
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
  });
  return { id, inserted };
}

/** A running run whose targets hold their locks. */
async function running(
  targets: number,
  options: { kind?: 'plan' | 'apply'; repository?: string; origin?: 'user' | 'drift'; fence?: null } = {},
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
  await insertExecutions(manager(), executions, null);
  await startRunning(manager(), { runId: id, commit: 'a'.repeat(40), leftOut: [] });
  return { runId: id, executionIds: executions.map((one) => one.id) };
}

async function expire(executionId: string) {
  await database.dataSource.query(`update execution set lease_expires_at = now() - interval '1 second' where id = $1`, [
    executionId,
  ]);
}

describe('claims', () => {
  test('give each execution to exactly one of many workers that ask at once', async () => {
    await running(20);
    const claims = await Promise.all(
      Array.from({ length: 40 }, (_, index) => claimExecution(manager(), lease(`host-${index}`))),
    );
    const ids = claims.flatMap((claim) => claim?.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const rest: string[] = [];
    for (let claim = await claimExecution(manager(), lease()); claim; claim = await claimExecution(manager(), lease()))
      rest.push(claim.id);
    expect(new Set([...ids, ...rest]).size).toBe(20);
  });

  test('go to the repository with the fewest running executions, so that a large one holds up nobody', async () => {
    await running(50, { repository: 'acme/monorepo' });
    const small = await running(1, { repository: 'acme/small' });
    const first = await claimExecution(manager(), lease());
    const second = await claimExecution(manager(), lease());
    expect(first?.runId).not.toBe(small.runId);
    expect(second?.runId).toBe(small.runId);
  });

  test('take an apply before any plan', async () => {
    await running(3);
    const { executionIds } = await running(1, { kind: 'apply' });
    const planned = await claimAll(4);
    const held = planned.find((claim) => claim.id === executionIds[0]);
    if (held === undefined) throw new Error('not claimed');
    const mine = { executionId: held.id, epoch: held.leaseEpoch };
    await database.transaction((tx) => changeOwned(tx, mine, { state: 'planning' }));
    await database.transaction((tx) => changeOwned(tx, mine, { state: 'apply_queued' }));
    await running(3);
    expect(await claimExecution(manager(), lease())).toMatchObject({
      id: held.id,
      state: 'apply_queued',
      leaseEpoch: 2,
    });
  });

  test('take what people want before drift, an apply of drift included', async () => {
    const apply = await running(1, { kind: 'apply', origin: 'drift' });
    await database.dataSource.query(`update execution set state = 'apply_queued' where run_id = $1`, [apply.runId]);
    await running(1, { origin: 'drift' });
    const person = await running(1, { repository: 'acme/person' });
    const claims = await claimAll(3);
    expect(claims.map(({ runId, origin, state }) => [runId === person.runId, origin, state])).toEqual([
      [true, 'user', 'leased'],
      [false, 'drift', 'apply_queued'],
      [false, 'drift', 'leased'],
    ]);
  });

  test('of people only leave drift where it is, except for a target that a person waits for', async () => {
    const drift = await running(3, { origin: 'drift' });
    expect(await claimExecution(manager(), lease(), 'user')).toBeUndefined();
    const person = await running(3, { fence: null });
    await database.dataSource.query(`delete from execution where run_id = $1 and ordinal <> 1`, [person.runId]);
    expect((await claimExecution(manager(), lease(), 'user'))?.id).toBe(drift.executionIds[1]);
    expect(await claimExecution(manager(), lease(), 'user')).toBeUndefined();
    expect((await claimAll(5)).map(({ id }) => id)).toEqual([drift.executionIds[0], drift.executionIds[2]]);
  });

  test("of runs to resolve take people's before drift's, and only these when asked to", async () => {
    const { id: drift } = await insert('plan', 'acme/infra', null, 'drift');
    const { id: person } = await insert();
    expect((await claimRun(manager(), lease(), 'user'))?.id).toBe(person);
    expect(await claimRun(manager(), lease(), 'user')).toBeUndefined();
    expect((await claimRun(manager(), lease()))?.id).toBe(drift);
  });

  test('pass over what waits for its lock or is leased', async () => {
    const { runId, executionIds } = await running(2);
    await database.dataSource.query(`update execution set waiting_for = 'x' where id = $1`, [executionIds[0]]);
    expect((await claimExecution(manager(), lease()))?.id).toBe(executionIds[1]);
    expect(await claimExecution(manager(), lease())).toBeUndefined();
    expect((await findExecutions(manager(), runId)).map((one) => one.state)).toEqual(['queued', 'leased']);
  });

  test('of runs to resolve give each to one worker', async () => {
    for (let count = 0; count < 5; count++) await insert();
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimRun(manager(), lease())));
    const ids = claims.flatMap((claim) => claim?.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await getRun(manager(), ids[0] ?? '')).status).toBe('resolving');
  });

  async function claimAll(count: number) {
    const claims = [];
    for (let index = 0; index < count; index++) claims.push(await claimExecution(manager(), lease()));
    return claims.flatMap((claim) => claim ?? []);
  }
});

describe('a worker whose lease was taken', () => {
  async function lost() {
    const { runId } = await running(1);
    const claim = await claimExecution(manager(), lease('host-a'));
    if (claim === undefined) throw new Error('nothing to claim');
    await expire(claim.id);
    await database.transaction(async (tx) => {
      const [row] = await findLostLocked(tx, { owner: null });
      if (row === undefined) throw new Error('not found');
      await takeFromLostWorker(tx, row, { state: 'queued', losses: 1 });
    });
    return { runId, claim, stale: { executionId: claim.id, epoch: claim.leaseEpoch } };
  }

  test('cannot change the execution, not even before another has claimed it', async () => {
    const { stale, claim } = await lost();
    const change = () => database.transaction((tx) => changeOwned(tx, stale, { state: 'planning' }));
    await expect(change()).rejects.toBeInstanceOf(StaleLeaseError);
    const next = await claimExecution(manager(), lease('host-b'));
    expect(next?.leaseEpoch).toBe(claim.leaseEpoch + 1);
    await expect(change()).rejects.toBeInstanceOf(StaleLeaseError);
  });

  test('cannot renew it', async () => {
    const { stale } = await lost();
    expect(await renewLeases(manager(), { ...lease('host-a'), held: [stale] })).toEqual([]);
  });

  test('cannot add a log line', async () => {
    const { runId, stale } = await lost();
    await expect(appendLines(manager(), { runId, lines: ['late'], lease: stale })).rejects.toBeInstanceOf(
      StaleLeaseError,
    );
    expect(await readChunks(manager(), { runId, after: 0, limit: 10 })).toEqual([]);
  });
});

describe('a row', () => {
  test('refuses a transition that the state machine does not have', async () => {
    await running(1);
    const claim = await claimExecution(manager(), lease());
    const mine = { executionId: claim?.id ?? '', epoch: claim?.leaseEpoch ?? 0 };
    await expect(database.transaction((tx) => changeOwned(tx, mine, { state: 'applied' }))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });

  test('gives its lock back when it ends, keeps it for an unknown outcome', async () => {
    const { runId } = await running(2);
    for (const state of ['plan_failed', 'outcome_unknown'] as const) {
      const claim = await claimExecution(manager(), lease());
      const from = state === 'outcome_unknown' ? 'applying' : 'planning';
      await manager().update(ExecutionEntity, { id: claim?.id ?? '' }, { state: from });
      const mine = { executionId: claim?.id ?? '', epoch: claim?.leaseEpoch ?? 0 };
      await database.transaction((tx) => changeOwned(tx, mine, { state }));
    }
    const rows = await findExecutions(manager(), runId);
    expect(rows.map((row) => [row.state, row.lockState, row.leaseOwner])).toEqual([
      ['plan_failed', 'releasing', null],
      ['outcome_unknown', 'guarding', null],
    ]);
  });
});

describe('a run', () => {
  test('finishes once, with its event, only when every lock has been given back', async () => {
    const { runId } = await running(1);
    const claim = await claimExecution(manager(), lease());
    const mine = { executionId: claim?.id ?? '', epoch: claim?.leaseEpoch ?? 0 };
    await database.transaction((tx) => changeOwned(tx, mine, { state: 'planning' }));
    await database.transaction((tx) => changeOwned(tx, mine, { state: 'planned' }));
    expect(await database.transaction((tx) => settleRun(tx, runId))).toBe('unchanged');
    await manager().update(ExecutionEntity, { runId }, { lockState: 'none' });
    const settled = await Promise.all(
      Array.from({ length: 5 }, () => database.transaction((tx) => settleRun(tx, runId))),
    );
    expect(settled.filter((one) => one === 'finished')).toHaveLength(1);
    expect(await getRun(manager(), runId)).toMatchObject({ status: 'finished', outcome: 'success' });
    expect(await database.dataSource.query('select subject from outbox')).toEqual([{ subject: 'event.runs.finished' }]);
  });

  test('is inserted once for an idempotency key, whoever comes first', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => insert('plan', 'acme/infra', 'key')));
    expect(all.filter((one) => one.inserted === 'inserted')).toHaveLength(1);
  });
});

describe('log lines', () => {
  test('are numbered without gaps by writers at the same time', async () => {
    const { id: runId } = await insert();
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        appendLines(manager(), { runId, lines: [`${index} a`, `${index} b`], lease: null }),
      ),
    );
    const chunks = await readChunks(manager(), { runId, after: 0, limit: 100 });
    expect(chunks.map((chunk) => [chunk.firstLine, chunk.lastLine])).toEqual(
      Array.from({ length: 30 }, (_, index) => [index * 2 + 1, index * 2 + 2]),
    );
  });

  test('hold what Postgres cannot: NUL becomes U+FFFD', async () => {
    const { id: runId } = await insert();
    await appendLines(manager(), { runId, lines: ['a\u0000b'], lease: null });
    expect((await readChunks(manager(), { runId, after: 0, limit: 1 }))[0]?.body).toBe('a\uFFFDb');
  });
});

describe('result texts', () => {
  test('come back whole and in order, in pieces of a bounded size', async () => {
    const { runId, executionIds } = await running(3);
    const text = (index: number) => `${index}:${'ä😀x'.repeat(50_000)}`;
    for (const [index, executionId] of executionIds.entries()) {
      await saveResult(manager(), { executionId, part: 'plan_output', text: 'to be replaced '.repeat(30_000) });
      await saveResult(manager(), { executionId, part: 'plan_output', text: text(index) });
      await saveResult(manager(), { executionId, part: 'error', text: `error ${index}` });
    }
    const joined = new Map<string, string>();
    let after = { ordinal: -1, part: '', piece: 0 };
    for (;;) {
      const { texts, more } = await readTexts(manager(), { runId, after, budgetChars: 100_000 });
      const last = texts.at(-1);
      if (last === undefined) throw new Error('always one, if there is one');
      expect(texts.reduce((sum, piece) => sum + [...piece.text].length, 0)).toBeLessThanOrEqual(100_000);
      for (const piece of texts) {
        const key = `${piece.ordinal}.${piece.part}`;
        joined.set(key, (joined.get(key) ?? '') + piece.text);
      }
      if (more === 'no') break;
      after = { ordinal: last.ordinal, part: last.part, piece: last.piece };
    }
    expect([...joined]).toEqual(
      [0, 1, 2].flatMap((index) => [
        [`${index}.error`, `error ${index}`],
        [`${index}.plan_output`, text(index)],
      ]),
    );
  });
});
