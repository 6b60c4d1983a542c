// The queue in Postgres: whose writes count, and how executions and runs end.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ExecutionEntity } from '../src/persistence/execution.entity.js';
import {
  changeOwned,
  claimExecution,
  findExecutions,
  findLostLocked,
  renewLeases,
  StaleLeaseError,
  takeFromLostWorker,
} from '../src/persistence/execution.repository.js';
import { appendLines, readChunks } from '../src/persistence/log.repository.js';
import { readTexts, saveResult } from '../src/persistence/result.repository.js';
import { deleteOldRuns, finishRun, getRun } from '../src/persistence/run.repository.js';
import { settleRun } from '../src/settle-run.js';
import { closeQueue, database, emptyQueue, insert, lease, manager, openQueue, running } from './queue-fixture.js';

beforeAll(openQueue);
afterAll(closeQueue);
beforeEach(emptyQueue);

async function expire(executionId: string) {
  await database.dataSource.query(`update execution set lease_expires_at = now() - interval '1 second' where id = $1`, [
    executionId,
  ]);
}

test('runs of drift detection are deleted sooner than others, and than those of drift that applied', async () => {
  const kept = [await insert('plan'), await insert('apply', 'acme/infra', null, 'drift')];
  const detection = await insert('plan', 'acme/infra', null, 'drift');
  for (const { id } of [...kept, detection]) await finishRun(manager(), { runId: id, outcome: 'success', error: null });
  await database.dataSource.query(`update run set finished_at = now() - interval '31 days'`);
  expect(await deleteOldRuns(manager(), 32, 'detections')).toBe(0);
  expect(await deleteOldRuns(manager(), 30, 'detections')).toBe(1);
  await expect(getRun(manager(), detection.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await deleteOldRuns(manager(), 30)).toBe(2);
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
    expect(all.filter((one) => one.inserted !== undefined)).toHaveLength(1);
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
