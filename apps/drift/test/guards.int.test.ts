// The breaker, and what follows from a detection, on a real Postgres with two replicas.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '@terramesh/testing';
import { DriftContext } from '../src/context.js';
import { takeClaims } from '../src/persistence/remediation-targets.js';
import type { Transaction } from '../src/persistence/transaction.js';
import { BeginRun } from '../src/remediations/begin-run.js';
import { judgeBreaker } from '../src/remediations/judge-breaker.js';
import { ManageBreaker } from '../src/remediations/manage-breaker.js';
import { planRemediation } from '../src/remediations/plan-remediation.js';
import { ReadRemediations } from '../src/remediations/read-remediations.js';
import type { KnownTarget } from '../src/remediations/select-targets.js';
import type { Replica } from './drift-replicas.js';
import { finishedRun } from './finished-runs.js';
import { drifted, inSync, type RemediationReplicas, startRemediationReplicas } from './remediation-replicas.js';

const commit = 'c'.repeat(40);

let world: RemediationReplicas;

beforeAll(async () => {
  world = await startRemediationReplicas({ TERRAMESH_DRIFT_LOOP_RELAPSES: '2' });
});
afterAll(() => world?.drift.stop());
beforeEach(() => world.clear());

describe('the breaker', () => {
  const outage = (runId: string) => ({
    detectionId: null,
    runId,
    hostname: 'github.com',
    repository: 'acme/infra',
    ref: 'main',
    checked: 200,
    drifted: 200,
    newlyDrifted: 200,
  });
  const judge = (replica: Replica, run: ReturnType<typeof outage>) => {
    const context = replica.get(DriftContext);
    return context.transaction((tx) => judgeBreaker(tx, run, context));
  };

  test('is opened once by replicas that see the same, and stops what was not begun', async () => {
    await world.seen(drifted('a'));
    const waiting = await world.start(world.one);
    await world.drift.sql(`update remediations set status = 'pending', run_id = null, attempted_at = null`);
    world.drift.around.starts.length = 0;
    const verdicts = await Promise.all(
      [world.one, world.two, world.one, world.two].map((replica, index) => judge(replica, outage(`run-${index}`))),
    );
    expect(verdicts.sort()).toEqual(['open', 'open', 'open', 'opened']);
    expect(await world.told('breaker.opened')).toHaveLength(1);

    await world.two.get(BeginRun).begin(waiting.id);
    expect(world.drift.around.starts).toEqual([]);
    const stopped = await world.one.get(ReadRemediations).get(waiting.id);
    expect(stopped).toMatchObject({ status: 'failed', error: expect.stringContaining('the breaker is open') });
    await expect(world.start(world.two)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await world.start(world.two, { action: 'plan' })).toMatchObject({ status: 'running' });

    expect(await world.two.get(ManageBreaker).close('ada')).toMatchObject({ state: 'closed', closedBy: 'ada' });
    expect(await world.one.get(ManageBreaker).close('bob')).toMatchObject({ state: 'closed', closedBy: 'ada' });
    expect(await world.told('breaker.closed')).toMatchObject([{ user: 'ada' }]);
  });

  test('is opened by replicas of which none sees enough alone', async () => {
    const targetsOf = (from: number) => Array.from({ length: 3 }, (_, index) => drifted(`d${from + index}`));
    const record = async (replica: Replica, from: number, gate: Promise<void>) => {
      const context = replica.get(DriftContext);
      return context.transaction(async (tx) => {
        for (const { directory } of targetsOf(from)) {
          await tx.query(
            `insert into records (type, hostname, repository, ref, directory, terraform_workspace, name, status, counts,
               has_drift, changes, truncated, raw_fingerprint, fingerprint, last_checked_at, first_seen_at, failure_told)
             values ('Github', 'github.com', $1, 'main', $2, 'default', '', 'new', '{}', true, '[]', false, 'x', 'x',
               now(), now(), false)`,
            [`acme/${from}`, directory],
          );
        }
        const small = { ...outage(`run-${from}`), checked: 3, drifted: 3, newlyDrifted: 3 };
        const verdict = await judgeBreaker(tx, small, context);
        await gate;
        return verdict;
      });
    };
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = record(world.one, 0, gate);
    const waiting = () =>
      world.drift.sql<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction' and query like '%records%'`,
      );
    await until(async () => (await waiting())[0]?.count === 1, { timeoutMs: 10_000, describe: 'the first to judge' });
    let verdict: string | undefined;
    const second = record(world.two, 10, Promise.resolve()).then((judged) => {
      verdict = judged;
    });
    const isBlocked = async () => {
      const [row] = await world.drift.sql<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return verdict !== undefined || row?.count === 1;
    };
    await until(isBlocked, { timeoutMs: 10_000, describe: 'the second to wait or to judge' });
    open();
    await second;
    expect([await first, verdict]).toEqual(['closed', 'opened']);
  });

  test('cancels an apply that it could not keep from being started late, also when that is not told at once', async () => {
    await world.seen(drifted('a'));
    world.drift.around.outages.push('start');
    const waiting = await world.start(world.one);
    expect(waiting).toMatchObject({ status: 'pending', runId: null });
    await judge(world.two, outage('run-1'));
    world.drift.around.outages.push('cancel');
    // As after a crash between the two calls: the run is there, and nobody has canceled it.
    await expect(world.one.get(BeginRun).begin(waiting.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const [runId = ''] = world.drift.around.cancels;
    const runs = (state: 'planning' | 'applying') =>
      finishedRun({ at: 0, kind: 'apply', id: runId, seen: [{ ...drifted('a'), state }] });
    world.drift.around.finished.set(runId, runs('planning'));
    await world.two.get(BeginRun).begin(waiting.id);
    expect(world.drift.around.cancels).toEqual([runId, runId]);
    expect(await world.one.get(ReadRemediations).get(waiting.id)).toMatchObject({ status: 'running', runId });

    // Nobody interrupts Terraform.
    await world.drift.sql(`update remediations set status = 'pending', run_id = null`);
    world.drift.around.finished.set(runId, runs('applying'));
    await world.two.get(BeginRun).begin(waiting.id);
    expect(world.drift.around.cancels).toHaveLength(2);
  });

  test('closes by itself after its cool-down, once most targets are seen without drift', async () => {
    await judge(world.one, outage('run-1'));
    const calm = { ...outage('run-2'), drifted: 0, newlyDrifted: 0 };
    await world.drift.sql(
      `update breaker set tripped_at = now() - interval '1 hour', opened_at = now() - interval '1 hour'`,
    );
    expect(await judge(world.one, calm)).toBe('open');
    await world.seen(inSync('a'));
    await world.drift.sql('update records set last_checked_at = now()');
    expect(await judge(world.two, calm)).toBe('closed');
    expect(await world.told('breaker.closed')).toMatchObject([{ user: '' }]);
  });

  test('is opened by many small runs at once as by one large one', async () => {
    await world.seen(...Array.from({ length: 6 }, (_, index) => drifted(`d${index}`)));
    await world.drift.sql(`update records set last_checked_at = now(), first_seen_at = now()`);
    const small = { ...outage('run-1'), checked: 1, drifted: 1, newlyDrifted: 1 };
    await world.drift.sql(`update breaker set state = 'closed', closed_at = null`);
    expect(await judge(world.one, small)).toBe('opened');
    expect((await world.told('breaker.opened')).at(-1)).toMatchObject({ checkedTargets: 6, driftedTargets: 6 });
    await world.one.get(ManageBreaker).close('ada');
    expect(await judge(world.one, small)).toBe('closed');
    // Nor is it by branches that nobody watches, or by what somebody has silenced.
    await world.drift.sql(`update breaker set closed_at = null`);
    await world.drift.sql(`update records set ref = 'feature'`);
    expect(await judge(world.one, small)).toBe('closed');
    await world.drift.sql(`update records set ref = 'main', snoozed_until = now() + interval '1 hour'`);
    expect(await judge(world.one, small)).toBe('closed');
    await world.drift.sql(`update records set snoozed_until = null`);
    expect(await judge(world.one, small)).toBe('opened');
  });
});

test('a target that its remediation gives back at this very moment is taken, not left without an owner', async () => {
  await world.seen(drifted('a'));
  const first = await world.start(world.one);
  const second = await world.start(world.two, { action: 'plan', selection: 'all', projects: ['other'] });
  const claims = () =>
    world.drift.sql<{ claim: string; remediation_id: string }>('select claim, remediation_id from remediation_claims');
  const [claim] = (await claims()).filter(({ remediation_id: id }) => id === first.id).map(({ claim }) => claim);
  const { manager } = world.two.get(DriftContext);
  let calls = 0;
  const query = async (text: string, values: unknown[]) => {
    const rows = await manager.query(text, values);
    calls += 1;
    if (calls === 1) await world.drift.sql('delete from remediation_claims where remediation_id = $1', [first.id]);
    return rows;
  };
  const others = await takeClaims({ query } as unknown as Transaction, second.id, [claim ?? '']);
  expect(others).toEqual(new Map());
  expect((await claims()).filter(({ remediation_id: id }) => id === second.id)).toContainEqual({
    claim,
    remediation_id: second.id,
  });
});

describe('what follows from a detection', () => {
  const target: KnownTarget = {
    directory: 'a',
    terraformWorkspace: 'default',
    name: '',
    drift: { toAdd: 0, toChange: 1, toDestroy: 0, toImport: 0, changesOutside: false, summary: '', hasDrift: true },
    commit,
    checkedAt: new Date(),
  };
  const plan = (replica: Replica, part: { id?: string; followUp?: 'plan' | 'apply' } = {}) => {
    const context = replica.get(DriftContext);
    const detection = {
      id: randomUUID(),
      type: 'Github' as const,
      hostname: 'github.com',
      repository: 'acme/infra',
      ref: 'main',
      runId: 'run-x',
      commit,
      followUp: 'apply' as const,
      ...part,
    };
    const seenNow = { ...target, checkedAt: new Date() };
    return context.transaction((tx) => planRemediation(tx, { detection, targets: [seenNow] }, context));
  };

  test('is one remediation, however often it is recorded', async () => {
    const id = randomUUID();
    const planned = await Promise.all([world.one, world.two, world.one].map((replica) => plan(replica, { id })));
    expect(planned.filter((one) => one !== undefined)).toHaveLength(1);
    const [remediation] = planned.flatMap((one) => one ?? []);
    await world.one.get(BeginRun).begin(remediation ?? '');
    expect(world.drift.around.starts).toMatchObject([
      { kind: 'apply', origin: 'drift', user: 'drift', expectedCommit: commit, limits: { toDestroy: 0 } },
    ]);
  });

  test('is told once as long as it comes to the same, and each time that something was applied', async () => {
    const follow = async (part: Parameters<typeof plan>[1], end: Parameters<typeof world.end>[1]) => {
      const id = (await plan(world.one, part)) ?? '';
      await world.one.get(BeginRun).begin(id);
      await world.end(await world.one.get(ReadRemediations).get(id), end);
      return (await world.told('remediation.finished')).length;
    };
    const planned = { seen: [drifted('a')] };
    const failed = { seen: [{ directory: 'a', error: 'state is locked' }] };
    const counts: number[] = [];
    for (const end of [planned, planned, failed, failed, planned]) counts.push(await follow({ followUp: 'plan' }, end));
    expect(counts).toEqual([1, 1, 2, 2, 3]);
    expect([await follow({}, failed), await follow({}, failed), await follow({}, planned)]).toEqual([4, 4, 5]);
    expect(await follow({}, planned)).toBe(6);
  });

  test('is nothing for a target that relapses again and again, until a person applies it; that is told once', async () => {
    for (const expected of ['planned', 'planned', 'left alone', 'left alone']) {
      const id = await plan(world.one);
      expect(id === undefined ? 'left alone' : 'planned').toBe(expected);
      if (id === undefined) continue;
      await world.one.get(BeginRun).begin(id);
      await world.end(await world.one.get(ReadRemediations).get(id), { seen: [drifted('a')] });
    }
    expect(await world.told('loop.detected')).toMatchObject([
      { totalTargets: 1, targets: [{ target: { directory: 'a' } }] },
    ]);

    await world.seen(drifted('a'));
    await world.end(await world.start(world.one), { seen: [drifted('a')] });
    expect(await plan(world.two)).toBeDefined();
  });
});
