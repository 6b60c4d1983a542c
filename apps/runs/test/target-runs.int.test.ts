// Runs as one target sees them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TargetPlace } from '@terramesh/contracts';
import {
  findLatestTargetRuns,
  findTargetRun,
  findTraces,
  listTargetRuns,
} from '../src/persistence/target-run.repository.js';
import { closeQueue, database, emptyQueue, manager, openQueue, running } from './queue-fixture.js';

beforeAll(openQueue);
afterAll(closeQueue);
beforeEach(emptyQueue);

const place = (directory: string, more: Partial<TargetPlace> = {}): TargetPlace => ({
  hostname: 'github.com',
  repository: 'acme/infra',
  directory,
  terraformWorkspace: 'default',
  ...more,
});
const setState = (executionId: string | undefined, state: string) =>
  database.dataSource.query('update execution set state = $2 where id = $1', [executionId, state]);
const page = (number: number, size: number) => ({ number, size });

describe('the latest runs', () => {
  test('are asked for many places at once, and answered in their order', async () => {
    await running(1);
    const { runId, executionIds } = await running(2);
    const places = [
      place('dir-1'),
      place('none'),
      place('dir-0', { repository: 'ACME/Infra', hostname: 'GitHub.com' }),
      place('dir-0', { terraformWorkspace: 'prod' }),
    ];
    const latest = await findLatestTargetRuns(manager(), places);
    expect([...latest.keys()].sort()).toEqual([0, 2]);
    expect(latest.get(0)).toMatchObject({ runId, executionId: executionIds[1], place: place('dir-1') });
    expect(latest.get(2)).toMatchObject({ runId, executionId: executionIds[0], place: place('dir-0') });
  });

  test('are none for no places', async () => {
    expect((await findLatestTargetRuns(manager(), [])).size).toBe(0);
  });
});

describe('an id', () => {
  test("is the run's own for a run of one target, and finds it", async () => {
    const { runId, executionIds } = await running(1);
    const [run] = (await listTargetRuns(manager(), place('dir-0'), page(1, 20))).items;
    expect(run).toMatchObject({ id: runId, runId, executionId: executionIds[0], state: 'queued', kind: 'plan' });
    expect(await findTargetRun(manager(), runId.slice(4))).toEqual(run);
    expect(await findTargetRun(manager(), String(executionIds[0]).slice(4))).toBeUndefined();
  });

  test("is made from the execution's for a run of several, which has none itself", async () => {
    const { runId, executionIds } = await running(2);
    const runs = await Promise.all(
      ['dir-0', 'dir-1'].map(async (one) => (await listTargetRuns(manager(), place(one), page(1, 20))).items[0]),
    );
    expect(runs.map((run) => run?.id)).toEqual(executionIds.map((id) => id.replace('exe-', 'run-')));
    for (const run of runs) expect(await findTargetRun(manager(), String(run?.id).slice(4))).toEqual(run);
    expect(await findTargetRun(manager(), runId.slice(4))).toBeUndefined();
  });
});

test('a list is newest first, page by page, with the count of all', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.unshift((await running(1)).runId);
  const pages = await Promise.all(
    [1, 2, 3, 4].map((number) => listTargetRuns(manager(), place('dir-0'), page(number, 2))),
  );
  expect(pages.flatMap(({ items }) => items.map(({ runId }) => runId))).toEqual(ids);
  expect(pages.map(({ items, total }) => [items.length, total])).toEqual([
    [2, 5],
    [2, 5],
    [1, 5],
    [0, 5],
  ]);
});

describe('the traces of a place', () => {
  test('are none where nothing ever ran', async () => {
    expect(await findTraces(manager(), place('dir-0'))).toEqual({ isBusy: false, mayManage: false });
  });

  test.each([
    ['queued', true, false],
    ['planned', false, false],
    ['applying', true, true],
    ['applied', false, true],
    ['apply_failed', false, true],
    ['outcome_unknown', false, true],
    ['canceled', false, false],
  ])('after an execution that is %s: busy %p, may manage %p', async (state, isBusy, mayManage) => {
    const { executionIds } = await running(1);
    await setState(executionIds[0], state);
    expect(await findTraces(manager(), place('dir-0', { repository: 'Acme/infra' }))).toEqual({ isBusy, mayManage });
  });

  test('are a kept Terraform state', async () => {
    await database.dataSource.query(
      `insert into terraform_state (hostname, repository, directory, terraform_workspace, serial, lineage, content, execution_id)
       values ('github.com', 'acme/infra', 'kept', 'default', 1, 'x', '', 'exe')`,
    );
    expect(await findTraces(manager(), place('kept'))).toEqual({ isBusy: false, mayManage: true });
  });
});
