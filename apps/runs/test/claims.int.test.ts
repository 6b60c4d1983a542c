// Who gets what of the queue in Postgres.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { changeOwned, claimExecution, findExecutions } from '../src/persistence/execution.repository.js';
import { claimRun, getRun, renewRunLeases, requeueLostRuns } from '../src/persistence/run.repository.js';
import { closeQueue, database, emptyQueue, insert, lease, manager, openQueue, running } from './queue-fixture.js';

beforeAll(openQueue);
afterAll(closeQueue);
beforeEach(emptyQueue);

async function claimAll(count: number) {
  const claims = [];
  for (let index = 0; index < count; index++) claims.push(await claimExecution(manager(), lease()));
  return claims.flatMap((claim) => claim ?? []);
}

describe('what is inserted as claimed', () => {
  test('is its worker’s alone: a run, until that worker is lost', async () => {
    const { id, inserted } = await insert('plan', 'acme/infra', null, 'user', lease('host-a'));
    expect(inserted).toMatchObject({ id, status: 'resolving', leaseOwner: 'host-a', leaseEpoch: 1, paths: [] });
    expect(inserted?.startedAt).toBeInstanceOf(Date);
    expect(await claimRun(manager(), lease('host-b'))).toBeUndefined();
    const held = [{ id, epoch: 1 }];
    expect(await renewRunLeases(manager(), { ...lease('host-b'), held })).toEqual([]);
    expect(await renewRunLeases(manager(), { ...lease('host-a'), held })).toEqual([{ id, cancelRequested: false }]);
    expect(await requeueLostRuns(manager(), { owner: null })).toEqual([]);
    await database.dataSource.query(`update run set lease_expires_at = now() - interval '1 second'`);
    expect(await requeueLostRuns(manager(), { owner: null })).toEqual([{ id, losses: 1 }]);
    expect(await claimRun(manager(), lease('host-b'))).toMatchObject({ id, leaseEpoch: 3 });
  });

  test('is as many executions as were asked for, of those that have their lock; the others are anybody’s', async () => {
    const { executionIds, claimed } = await running(5, { claim: { ...lease('host-a'), count: 2 } });
    expect(claimed.map((one) => [one.id, one.state, one.leaseOwner, one.leaseEpoch, one.lockFence])).toEqual([
      [executionIds[0], 'leased', 'host-a', 1, 0],
      [executionIds[1], 'leased', 'host-a', 1, 1],
    ]);
    const others = await claimAll(5);
    expect(others.map((one) => one.id)).toEqual(executionIds.slice(2));
    const mine = { executionId: executionIds[0] ?? '', epoch: 1 };
    await database.transaction((tx) => changeOwned(tx, mine, { state: 'planning' }));
  });

  test('is nothing that waits for its lock', async () => {
    const { claimed } = await running(2, { fence: null, claim: { ...lease('host-a'), count: 2 } });
    expect(claimed).toEqual([]);
    expect(await claimExecution(manager(), lease())).toBeUndefined();
  });
});

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
});
