// Remediations on a real Postgres, with two replicas that do the same at the same time.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DriftContext } from '../src/context.js';
import { findLive } from '../src/persistence/remediations.js';
import { BeginRun } from '../src/remediations/begin-run.js';
import { FollowRun } from '../src/remediations/follow-run.js';
import { ReadRemediations } from '../src/remediations/read-remediations.js';
import { RemediationWorker } from '../src/remediations/remediation-worker.js';
import { finishedRun } from './finished-runs.js';
import { drifted, inSync, type RemediationReplicas, startRemediationReplicas } from './remediation-replicas.js';

const commit = 'c'.repeat(40);

let world: RemediationReplicas;

beforeAll(async () => {
  world = await startRemediationReplicas();
});
afterAll(() => world?.drift.stop());
beforeEach(() => world.clear());

describe('several replicas', () => {
  test('start one remediation once, and record its end once', async () => {
    await world.seen(drifted('a'));
    const remediation = await world.start(world.one);
    await world.drift.sql(`update remediations set status = 'pending', run_id = null`);
    await Promise.all(
      [world.one, world.two, world.one, world.two].map((replica) => replica.get(BeginRun).begin(remediation.id)),
    );
    expect(new Set(world.drift.around.starts.map(({ idempotencyKey }) => idempotencyKey))).toEqual(
      new Set([`remediation:${remediation.id}`]),
    );
    const running = await world.one.get(ReadRemediations).get(remediation.id);
    expect(running).toMatchObject({ status: 'running', runId: remediation.runId });

    const ended = await world.end(running, { seen: [drifted('a')] }, [world.one, world.two, world.one, world.two]);
    expect(ended).toMatchObject({ status: 'success', totalTargets: 1, successCount: 1 });
    expect(await world.told('remediation.finished')).toHaveLength(1);
  });

  test('accept one request under one key, and refuse another one', async () => {
    await world.seen(drifted('a'));
    const idempotencyKey = 'the same';
    const answers = await Promise.all(
      [world.one, world.two, world.one, world.two].map((replica) => world.start(replica, { idempotencyKey })),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await expect(world.start(world.two, { idempotencyKey, selection: 'all' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await world.drift.sql('select 1 from remediations')).toHaveLength(1);
  });

  test('remediate one target once at a time: the others are told who is at it', async () => {
    await world.seen(drifted('a'), drifted('b'));
    const first = await world.start(world.one, { selection: 'drifted', workspaces: ['default'] });
    const both = await Promise.all([world.start(world.one), world.start(world.two)]);
    for (const other of both) {
      expect(other).toMatchObject({ status: 'failed', failureCount: 2, runId: null });
      const errors = (await world.targetsOf(other.id)).map(({ error }) => error);
      expect(errors).toEqual(
        Array(2).fill(expect.stringContaining(`remediation ${first.id} is at work on this project`)),
      );
    }
    await world.end(first, { seen: [drifted('a'), drifted('b')] });
    expect(await world.start(world.two)).toMatchObject({ status: 'running' });
  });

  test('that begin at the same moment share out the targets, and none has two', async () => {
    await world.seen(...Array.from({ length: 20 }, (_, index) => drifted(`d${index}`)));
    const all = await Promise.all(
      [world.one, world.two, world.one, world.two].map((replica) => world.start(replica, { action: 'plan' })),
    );
    expect(all.filter(({ status }) => status === 'running')).toHaveLength(1);
    expect(await world.drift.sql('select 1 from remediation_claims')).toHaveLength(20);
  });
});

describe('what is asked of runs', () => {
  test('an apply is bound to the commit and the caps; nothing is destroyed unless it was asked for', async () => {
    await world.seen(drifted('a'), inSync('b'));
    await world.start(world.one);
    const caps = { toAdd: 100, toChange: 100 };
    expect(world.drift.around.starts).toMatchObject([
      {
        kind: 'apply',
        origin: 'user',
        expectedCommit: commit,
        limits: { ...caps, toDestroy: 0 },
        misfits: 'leave_out',
      },
    ]);
    expect(world.drift.around.starts[0]?.paths).toEqual([{ directory: 'a', workspace: 'default' }]);
    await world.drift.sql('truncate remediations cascade');
    await world.start(world.one, { destroys: 'allow' });
    expect(world.drift.around.starts[1]).toMatchObject({ limits: { ...caps, toDestroy: 100 } });
  });

  test('a plan is bound to nothing, and so is an apply of what was never recorded', async () => {
    await world.seen(drifted('a'));
    await world.start(world.one, { action: 'plan' });
    await world.start(world.one, { selection: 'all', projects: ['unheard-of'] });
    expect(world.drift.around.starts).toMatchObject([
      { kind: 'plan', expectedCommit: null, limits: null },
      { kind: 'apply', expectedCommit: null, projects: ['unheard-of'] },
    ]);
  });

  test('one that cannot be known to have begun is not begun again', async () => {
    await world.seen(drifted('a'));
    const { id } = await world.start(world.one);
    await world.drift.sql(
      `update remediations set status = 'pending', run_id = null, attempted_at = now() - interval '23 hours'`,
    );
    world.drift.around.starts.length = 0;
    await world.one.get(BeginRun).begin(id);
    expect(world.drift.around.starts).toEqual([]);
    const lost = await world.one.get(ReadRemediations).get(id);
    expect(lost).toMatchObject({ status: 'failed', error: expect.stringContaining('it is not known whether the run') });
  });
});

test('what is old, or too much of what schedules began, goes, a few at a time; what is left alone is remembered', async () => {
  await world.drift.sql(
    `insert into remediations (id, origin, type, hostname, repository, ref, action, status, completed_at)
     select gen_random_uuid(), case when n <= 520 then 'automatic' else 'user' end, 'Github', 'github.com', 'acme/infra',
       'main', 'plan', 'success', now() - case when n > 1000 then 91 else 0 end * interval '1 day'
     from generate_series(1, 1500) n`,
  );
  await world.drift.sql(
    `insert into remediated_targets (hostname, repository, target, applied_at, stopped_at)
     select 'github.com', 'acme/infra', n::text, now() - n * interval '60 days', case when n = 3 then now() end
     from generate_series(1, 3) n`,
  );
  await world.one.get(RemediationWorker).cleanUp();
  const left = await world.drift.sql(
    'select origin, count(*)::int as count from remediations group by origin order by origin',
  );
  expect(left).toEqual([
    { origin: 'automatic', count: 500 },
    { origin: 'user', count: 480 },
  ]);
  expect(await world.drift.sql('select target from remediated_targets order by target')).toEqual([
    { target: '1' },
    { target: '3' },
  ]);
  const listed = await world.one.get(ReadRemediations).list({ repository: 'ACME/infra', limit: 5 });
  expect(listed.remediations).toHaveLength(5);
});

describe('the end', () => {
  test('is failed with the unknown outcome when nobody knows what the apply did', async () => {
    await world.seen(drifted('a'), drifted('b'));
    const remediation = await world.start(world.one);
    const ended = await world.end(remediation, { seen: [{ ...drifted('a'), state: 'outcome_unknown' }, drifted('b')] });
    expect(ended).toMatchObject({ status: 'partial', successCount: 1, failureCount: 1 });
    const [unknown] = await world.targetsOf(remediation.id);
    expect(unknown).toMatchObject({ status: 'failed', driftAfter: null });
    expect(unknown?.error).toMatch(/outcome of this apply is unknown.*A person must look/s);
  });

  test('is failed when the run is gone', async () => {
    await world.seen(drifted('a'));
    const remediation = await world.start(world.one);
    const live = await findLive(world.one.get(DriftContext).manager, remediation.id);
    if (live !== undefined) await world.one.get(FollowRun).look(live);
    const ended = await world.one.get(ReadRemediations).get(remediation.id);
    expect(ended).toMatchObject({ status: 'failed', error: expect.stringContaining('the outcome is unknown') });
  });

  test('keeps long texts up to a bound and gives them back in pieces that fit a message', async () => {
    await world.seen(drifted('a'));
    const remediation = await world.start(world.one, { action: 'plan' });
    const text = `${'Grüße 世界 🌍 \u0001\n'.repeat(120_000)}`;
    const run = finishedRun({ at: 10, id: remediation.runId ?? '', seen: [drifted('a')] });
    const [execution] = run.run.executions;
    if (execution === undefined) throw new Error('no execution');
    const pieceOf = (text: string, part: 'plan_output' | 'error') => ({ executionId: execution.id, part, text });
    const pieces = (text.match(/.{1,40000}/gs) ?? []).map((piece) => pieceOf(piece, 'plan_output'));
    world.drift.around.finished.set(run.run.id, { ...run, texts: [...pieces, pieceOf('a\0b', 'error')] });
    const live = await findLive(world.one.get(DriftContext).manager, remediation.id);
    if (live !== undefined) await world.one.get(FollowRun).look(live);
    const [target] = await world.targetsOf(remediation.id);
    const kept = target?.textOf(0, 'plan_output') ?? '';
    expect(kept.length).toBeGreaterThan(1024 * 1024);
    expect(kept.length).toBeLessThan(1024 * 1024 + 200);
    expect(text.startsWith(kept.slice(0, 1024 * 1024 - 1))).toBe(true);
    expect(kept).toMatch(/\n… cut after 1048576 characters; .*kept$/);
  });
});
