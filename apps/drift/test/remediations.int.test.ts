// Remediations on a real Postgres, with two replicas that do the same at the same time.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type DriftMessage,
  type Remediation,
  type StartRemediation as StartRemediationInput,
} from '@terramesh/contracts';
import { DriftContext } from '../src/context.js';
import { findLive } from '../src/persistence/remediations.js';
import { RecordRun } from '../src/records/record-run.js';
import { BeginRun } from '../src/remediations/begin-run.js';
import { FollowRun } from '../src/remediations/follow-run.js';
import { judgeBreaker } from '../src/remediations/judge-breaker.js';
import { ManageBreaker } from '../src/remediations/manage-breaker.js';
import { planRemediation } from '../src/remediations/plan-remediation.js';
import { ReadRemediations } from '../src/remediations/read-remediations.js';
import type { KnownTarget } from '../src/remediations/select-targets.js';
import { StartRemediation } from '../src/remediations/start-remediation.js';
import { type DriftReplicas, type FinishedRun, type Replica, startDriftReplicas } from './drift-replicas.js';
import { changed, finishedRun, type Seen } from './finished-runs.js';

const commit = 'c'.repeat(40);
let drift: DriftReplicas;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  drift = await startDriftReplicas({ TERRAMESH_DRIFT_LOOP_RELAPSES: '2' });
  one = await drift.add();
  two = await drift.add();
});
afterAll(() => drift?.stop());
beforeEach(async () => {
  drift.around.finished.clear();
  drift.around.starts.length = 0;
  await drift.sql('truncate records, recorded_runs, remediations, remediated_targets, messages cascade');
  await drift.sql(`update breaker set state = 'closed', closed_at = null, tripped_at = null`);
});

/** Records what a plan saw. */
async function seen(...targets: Seen[]): Promise<void> {
  const finished = finishedRun({ at: 0, seen: targets });
  drift.around.finished.set(finished.run.id, finished);
  await one.get(RecordRun).record(finished.run.id);
}

const drifted = (directory: string): Seen => ({ directory, drift: [changed(`x.${directory}`)] });
const inSync = (directory: string): Seen => ({ directory });

function start(replica: Replica, more: Partial<StartRemediationInput> = {}): Promise<Remediation> {
  const request: StartRemediationInput = {
    type: 'Github',
    repository: 'acme/infra',
    ref: 'main',
    action: 'apply',
    projects: [],
    workspaces: [],
    selection: 'drifted',
    destroys: 'refuse',
    user: '',
    idempotencyKey: randomUUID(),
    ...more,
  };
  return replica
    .get(StartRemediation)
    .start(request)
    .then(({ remediation }) => remediation as Remediation);
}

/** The run of a remediation ends, and so may the remediation. */
async function end(
  remediation: Remediation,
  run: Partial<FinishedRun> & { seen: Seen[] },
  by: readonly Replica[] = [one],
) {
  const finished = finishedRun({ at: 10, kind: remediation.action, id: remediation.runId ?? '', seen: run.seen });
  drift.around.finished.set(finished.run.id, { ...finished, ...run });
  await Promise.all(
    by.map(async (replica) => {
      const live = await findLive(replica.get(DriftContext).manager, remediation.id);
      if (live !== undefined) await replica.get(FollowRun).look(live);
    }),
  );
  return one.get(ReadRemediations).get(remediation.id);
}

async function targetsOf(id: string) {
  const pieces = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ReadRemediations['targets']>> = await one
      .get(ReadRemediations)
      .targets({ id, texts: 'with', cursor });
    pieces.push(...page.pieces);
    cursor = page.next;
  } while (cursor !== null);
  const textOf = (ordinal: number, part: string) =>
    pieces
      .map((piece) => (piece.kind === 'text' && piece.ordinal === ordinal && piece.part === part ? piece.text : ''))
      .join('');
  return pieces.flatMap((piece) =>
    piece.kind === 'target' ? { ...piece.target, error: textOf(piece.target.ordinal, 'error'), textOf } : [],
  );
}

const told = async (kind: DriftMessage['kind']) =>
  (await drift.sql<{ message: DriftMessage }>(`select message from messages where kind = $1`, [kind])).map(
    ({ message }) => message,
  );

describe('several replicas', () => {
  test('start one remediation once, and record its end once', async () => {
    await seen(drifted('a'));
    const remediation = await start(one);
    await drift.sql(`update remediations set status = 'pending', run_id = null`);
    await Promise.all([one, two, one, two].map((replica) => replica.get(BeginRun).begin(remediation.id)));
    expect(new Set(drift.around.starts.map(({ idempotencyKey }) => idempotencyKey))).toEqual(
      new Set([`remediation:${remediation.id}`]),
    );
    const running = await one.get(ReadRemediations).get(remediation.id);
    expect(running).toMatchObject({ status: 'running', runId: remediation.runId });

    const ended = await end(running, { seen: [drifted('a')] }, [one, two, one, two]);
    expect(ended).toMatchObject({ status: 'success', totalTargets: 1, successCount: 1 });
    expect(await told('remediation.finished')).toHaveLength(1);
  });

  test('accept one request under one key, and refuse another one', async () => {
    await seen(drifted('a'));
    const idempotencyKey = 'the same';
    const answers = await Promise.all([one, two, one, two].map((replica) => start(replica, { idempotencyKey })));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await expect(start(two, { idempotencyKey, selection: 'all' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await drift.sql('select 1 from remediations')).toHaveLength(1);
  });

  test('remediate one target once at a time: the others are told who is at it', async () => {
    await seen(drifted('a'), drifted('b'));
    const first = await start(one, { selection: 'drifted', workspaces: ['default'] });
    const both = await Promise.all([start(one), start(two)]);
    for (const other of both) {
      expect(other).toMatchObject({ status: 'failed', failureCount: 2, runId: null });
      const errors = (await targetsOf(other.id)).map(({ error }) => error);
      expect(errors).toEqual(
        Array(2).fill(expect.stringContaining(`remediation ${first.id} is at work on this project`)),
      );
    }
    await end(first, { seen: [drifted('a'), drifted('b')] });
    expect(await start(two)).toMatchObject({ status: 'running' });
  });

  test('that begin at the same moment share out the targets, and none has two', async () => {
    await seen(...Array.from({ length: 20 }, (_, index) => drifted(`d${index}`)));
    const all = await Promise.all([one, two, one, two].map((replica) => start(replica, { action: 'plan' })));
    expect(all.filter(({ status }) => status === 'running')).toHaveLength(1);
    expect(await drift.sql('select 1 from remediation_claims')).toHaveLength(20);
  });
});

describe('what is asked of runs', () => {
  test('an apply is bound to the commit and the caps; nothing is destroyed unless it was asked for', async () => {
    await seen(drifted('a'), inSync('b'));
    await start(one);
    const caps = { toAdd: 100, toChange: 100 };
    expect(drift.around.starts).toMatchObject([
      {
        kind: 'apply',
        origin: 'user',
        expectedCommit: commit,
        limits: { ...caps, toDestroy: 0 },
        misfits: 'leave_out',
      },
    ]);
    expect(drift.around.starts[0]?.paths).toEqual([{ directory: 'a', workspace: 'default' }]);
    await drift.sql('truncate remediations cascade');
    await start(one, { destroys: 'allow' });
    expect(drift.around.starts[1]).toMatchObject({ limits: { ...caps, toDestroy: 100 } });
  });

  test('a plan is bound to nothing, and so is an apply of what was never recorded', async () => {
    await seen(drifted('a'));
    await start(one, { action: 'plan' });
    await start(one, { selection: 'all', projects: ['unheard-of'] });
    expect(drift.around.starts).toMatchObject([
      { kind: 'plan', expectedCommit: null, limits: null },
      { kind: 'apply', expectedCommit: null, projects: ['unheard-of'] },
    ]);
  });

  test('one that cannot be known to have begun is not begun again', async () => {
    await seen(drifted('a'));
    const { id } = await start(one);
    await drift.sql(
      `update remediations set status = 'pending', run_id = null, attempted_at = now() - interval '23 hours'`,
    );
    drift.around.starts.length = 0;
    await one.get(BeginRun).begin(id);
    expect(drift.around.starts).toEqual([]);
    const lost = await one.get(ReadRemediations).get(id);
    expect(lost).toMatchObject({ status: 'failed', error: expect.stringContaining('it is not known whether the run') });
  });
});

describe('the end', () => {
  test('is failed with the unknown outcome when nobody knows what the apply did', async () => {
    await seen(drifted('a'), drifted('b'));
    const remediation = await start(one);
    const ended = await end(remediation, { seen: [{ ...drifted('a'), state: 'outcome_unknown' }, drifted('b')] });
    expect(ended).toMatchObject({ status: 'partial', successCount: 1, failureCount: 1 });
    const [unknown] = await targetsOf(remediation.id);
    expect(unknown).toMatchObject({ status: 'failed', driftAfter: null });
    expect(unknown?.error).toMatch(/outcome of this apply is unknown.*A person must look/s);
  });

  test('is failed when the run is gone', async () => {
    await seen(drifted('a'));
    const remediation = await start(one);
    const live = await findLive(one.get(DriftContext).manager, remediation.id);
    if (live !== undefined) await one.get(FollowRun).look(live);
    const ended = await one.get(ReadRemediations).get(remediation.id);
    expect(ended).toMatchObject({ status: 'failed', error: expect.stringContaining('the outcome is unknown') });
  });

  test('keeps long texts up to a bound and gives them back in pieces that fit a message', async () => {
    await seen(drifted('a'));
    const remediation = await start(one, { action: 'plan' });
    const text = `${'Grüße 世界 🌍 \u0001\n'.repeat(120_000)}`;
    const run = finishedRun({ at: 10, id: remediation.runId ?? '', seen: [drifted('a')] });
    const [execution] = run.run.executions;
    if (execution === undefined) throw new Error('no execution');
    const pieceOf = (text: string, part: 'plan_output' | 'error') => ({ executionId: execution.id, part, text });
    const pieces = (text.match(/.{1,40000}/gs) ?? []).map((piece) => pieceOf(piece, 'plan_output'));
    drift.around.finished.set(run.run.id, { ...run, texts: [...pieces, pieceOf('a\0b', 'error')] });
    const live = await findLive(one.get(DriftContext).manager, remediation.id);
    if (live !== undefined) await one.get(FollowRun).look(live);
    const [target] = await targetsOf(remediation.id);
    const kept = target?.textOf(0, 'plan_output') ?? '';
    expect(kept.length).toBeGreaterThan(1024 * 1024);
    expect(kept.length).toBeLessThan(1024 * 1024 + 200);
    expect(text.startsWith(kept.slice(0, 1024 * 1024 - 1))).toBe(true);
    expect(kept).toMatch(/\n… cut after 1048576 characters; .*kept$/);
  });
});

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
    await seen(drifted('a'));
    const waiting = await start(one);
    await drift.sql(`update remediations set status = 'pending', run_id = null, attempted_at = null`);
    drift.around.starts.length = 0;
    const verdicts = await Promise.all(
      [one, two, one, two].map((replica, index) => judge(replica, outage(`run-${index}`))),
    );
    expect(verdicts.sort()).toEqual(['open', 'open', 'open', 'opened']);
    expect(await told('breaker.opened')).toHaveLength(1);

    await two.get(BeginRun).begin(waiting.id);
    expect(drift.around.starts).toEqual([]);
    const stopped = await one.get(ReadRemediations).get(waiting.id);
    expect(stopped).toMatchObject({ status: 'failed', error: expect.stringContaining('the breaker is open') });
    await expect(start(two)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await start(two, { action: 'plan' })).toMatchObject({ status: 'running' });

    expect(await two.get(ManageBreaker).close('ada')).toMatchObject({ state: 'closed', closedBy: 'ada' });
    expect(await one.get(ManageBreaker).close('bob')).toMatchObject({ state: 'closed', closedBy: 'ada' });
    expect(await told('breaker.closed')).toMatchObject([{ user: 'ada' }]);
  });

  test('closes by itself after its cool-down, once most targets are seen without drift', async () => {
    await judge(one, outage('run-1'));
    const calm = { ...outage('run-2'), drifted: 0, newlyDrifted: 0 };
    await drift.sql(`update breaker set tripped_at = now() - interval '1 hour', opened_at = now() - interval '1 hour'`);
    expect(await judge(one, calm)).toBe('open');
    await seen(inSync('a'));
    await drift.sql('update records set last_checked_at = now()');
    expect(await judge(two, calm)).toBe('closed');
    expect(await told('breaker.closed')).toMatchObject([{ user: '' }]);
  });

  test('is opened by many small runs at once as by one large one', async () => {
    await seen(...Array.from({ length: 6 }, (_, index) => drifted(`d${index}`)));
    await drift.sql(`update records set last_checked_at = now(), first_seen_at = now()`);
    const small = { ...outage('run-1'), checked: 1, drifted: 1, newlyDrifted: 1 };
    await drift.sql(`update breaker set state = 'closed', closed_at = null`);
    expect(await judge(one, small)).toBe('opened');
    expect((await told('breaker.opened')).at(-1)).toMatchObject({ checkedTargets: 6, driftedTargets: 6 });
    await one.get(ManageBreaker).close('ada');
    expect(await judge(one, small)).toBe('closed');
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
    const planned = await Promise.all([one, two, one].map((replica) => plan(replica, { id })));
    expect(planned.filter((one) => one !== undefined)).toHaveLength(1);
    const [remediation] = planned.flatMap((one) => one ?? []);
    await one.get(BeginRun).begin(remediation ?? '');
    expect(drift.around.starts).toMatchObject([
      { kind: 'apply', origin: 'drift', user: 'drift', expectedCommit: commit, limits: { toDestroy: 0 } },
    ]);
  });

  test('is nothing for a target that relapses again and again, until a person applies it; that is told once', async () => {
    for (const expected of ['planned', 'planned', 'left alone', 'left alone']) {
      const id = await plan(one);
      expect(id === undefined ? 'left alone' : 'planned').toBe(expected);
      if (id === undefined) continue;
      await one.get(BeginRun).begin(id);
      await end(await one.get(ReadRemediations).get(id), { seen: [drifted('a')] });
    }
    expect(await told('loop.detected')).toMatchObject([{ totalTargets: 1, targets: [{ target: { directory: 'a' } }] }]);

    await seen(drifted('a'));
    await end(await start(one), { seen: [drifted('a')] });
    expect(await plan(two)).toBeDefined();
  });
});
