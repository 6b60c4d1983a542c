// From finished runs to records, history and messages, on a real Postgres.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DriftMessage, type DriftRecord, type IgnoreRuleInput, RunId } from '@terramesh/contracts';
import { FollowDetection } from '../src/detections/follow-detection.js';
import { ReadDetections } from '../src/detections/read-detections.js';
import { StartDetection } from '../src/detections/start-detection.js';
import { CareForRecord } from '../src/noise/care-for-record.js';
import { KeepRules } from '../src/noise/keep-rules.js';
import { ReadRecords } from '../src/records/read-records.js';
import { RecordRun } from '../src/records/record-run.js';
import { SweepRuns } from '../src/records/sweep-runs.js';
import { type DriftReplicas, type Replica, startDriftReplicas } from './drift-replicas.js';
import { changed, finishedRun, type RunFacts, timeAt } from './finished-runs.js';

const running = new AbortController().signal;

let drift: DriftReplicas;
let replicas: readonly [Replica, Replica];

beforeAll(async () => {
  drift = await startDriftReplicas({ TERRAMESH_DRIFT_BREAKER_TARGETS: '100' });
  replicas = [await drift.add(), await drift.add()];
});
afterAll(() => drift?.stop());
beforeEach(async () => {
  drift.around.finished.clear();
  drift.around.starts.length = 0;
  await drift.sql('truncate records, recorded_runs, detections, ignore_rules, failing_refs, messages cascade');
  await drift.sql(`update breaker set state = 'closed'`);
  await drift.sql(`update sweeps set begun_at = '-infinity', swept_until = '2026-01-01'`);
});

const [one, two] = [0, 1].map((index) => ({
  get: <T>(token: new (...parts: never[]) => T): T => {
    const replica = replicas[index];
    if (replica === undefined) throw new Error('there is no such replica');
    return replica.get(token);
  },
})) as [Replica, Replica];

const finish = (facts: RunFacts) => {
  const finished = finishedRun(facts);
  drift.around.finished.set(finished.run.id, finished);
  return finished.run.id;
};
const record = async (facts: RunFacts) => {
  const id = finish(facts);
  await one.get(RecordRun).record(id);
  return id;
};
const everything = {
  hostname: null,
  repository: null,
  ref: null,
  status: null,
  project: null,
  workspace: null,
} as const;
const list = async (more: { gone?: 'with' | 'without' } = {}) => {
  const page = { gone: 'without' as const, after: null, limit: 500, ...more };
  return (await one.get(ReadRecords).list({ ...everything, ...page })).records;
};
const only = async (): Promise<DriftRecord> => {
  const [found, ...more] = await list();
  if (found === undefined || more.length > 0) throw new Error('there is not one record');
  return found;
};
const historyOf = async ({ id }: DriftRecord) =>
  (await one.get(ReadRecords).history({ id, after: null, limit: 100 })).events.map(({ kind }) => kind).reverse();
const told = async () => {
  const rows = await drift.sql<{ message: DriftMessage }>('select message from messages order by at, event_id');
  return rows.map(({ message }) => message);
};
const toldKinds = async () => (await told()).map(({ kind }) => kind);
const detect = (idempotencyKey: string | null = null, paths: { directory: string; workspace: string }[] = []) =>
  one.get(StartDetection).start({
    type: 'Github',
    repository: 'acme/infra',
    ref: 'refs/heads/main',
    projects: [],
    paths,
    user: '',
    idempotencyKey,
    scheduleId: null,
    followUp: 'nothing',
  });
const rule = (more: Partial<IgnoreRuleInput>): Promise<{ id: string }> =>
  one.get(KeepRules).create({
    repository: '*',
    address: '*',
    attribute: null,
    reason: 'autoscaling',
    owner: 'ops',
    expiresAt: null,
    ...more,
  });

const a = 'aws_vpc.a';
const drifted = { directory: 'a', drift: [changed(a, 'tags')] };
const same = { directory: 'a' };

describe('records', () => {
  test('new, known, changed, resolved: each is seen once, and told once', async () => {
    const news: DriftRecord['status'][] = [];
    for (const [at, seen] of [
      same,
      drifted,
      drifted,
      { directory: 'a', drift: [changed(a, 'name')] },
      same,
      same,
    ].entries()) {
      await record({ at, seen: [seen] });
      news.push((await only()).status);
    }
    expect(news).toEqual(['in_sync', 'new', 'known', 'changed', 'resolved', 'in_sync']);
    expect(await only()).toMatchObject({
      firstSeenAt: timeAt(1).toISOString(),
      lastSeenAt: timeAt(3).toISOString(),
      resolvedAt: timeAt(4).toISOString(),
      lastCheckedAt: timeAt(5).toISOString(),
      fingerprint: null,
    });
    expect(await historyOf(await only())).toEqual(['found', 'changed', 'resolved']);
    expect((await toldKinds()).sort()).toEqual(['drift.changed', 'drift.found', 'drift.resolved']);
  });

  test('an older result never takes the place of a newer one, in whichever order they come', async () => {
    await record({ at: 10, seen: [same] });
    await record({ at: 5, seen: [drifted] });
    await record({ at: 7, seen: [{ directory: 'a', error: 'no credentials' }] });
    expect(await only()).toMatchObject({ status: 'in_sync', error: null, lastCheckedAt: timeAt(10).toISOString() });
    expect(await toldKinds()).toEqual([]);
  });

  test('a run is recorded once, however many replicas hear of it however often', async () => {
    const id = finish({ at: 1, seen: [drifted] });
    const twice = [one, two, one, two].map((replica) => replica.get(RecordRun).record(id));
    await Promise.all(twice);
    expect(await historyOf(await only())).toEqual(['found']);
    expect(await toldKinds()).toEqual(['drift.found']);
  });

  test('the sweep finds what no event told of, and leaves pull requests alone', async () => {
    finish({ at: 1, seen: [drifted] });
    finish({ at: 2, seen: [{ directory: 'b', drift: [changed(a, 'x')] }], pull: 4 });
    await Promise.all([one, two].map((replica) => replica.get(SweepRuns).sweep(running)));
    expect((await list()).map(({ target }) => target.directory)).toEqual(['a']);
  });

  test('a run that cannot be recorded holds up no other, and no sweep comes past it', async () => {
    const bad = finish({ at: 1, seen: [drifted] });
    finish({ at: 2, seen: [{ ...drifted, directory: 'b' }] });
    const whole = finishedRun({ at: 1, seen: [drifted] });
    drift.around.finished.set(bad, { ...whole, run: { ...whole.run, id: RunId.parse(bad) }, state: 'withheld' });
    await one.get(SweepRuns).sweep(running);
    expect((await list()).map(({ target }) => target.directory)).toEqual(['b']);
    expect(await drift.sql('select 1 from sweeps where swept_until > $1', [timeAt(1)])).toEqual([]);
  });

  test('what could not be checked keeps its drift and is told once, as is that it can be again', async () => {
    const broken = { directory: 'a', error: 'Error: no credentials' };
    await record({ at: 1, seen: [drifted] });
    for (const at of [2, 3]) await record({ at, seen: [broken] });
    expect(await only()).toMatchObject({
      status: 'new',
      counts: { hasDrift: true, toChange: 1 },
      error: 'Error: no credentials',
      failingSince: timeAt(2).toISOString(),
      lastFailedAt: timeAt(3).toISOString(),
      lastCheckedAt: timeAt(1).toISOString(),
    });
    await record({ at: 4, seen: [drifted] });
    expect(await only()).toMatchObject({ status: 'known', error: null, failingSince: null });
    expect(await historyOf(await only())).toEqual(['found', 'failed', 'recovered']);
    expect((await toldKinds()).sort()).toEqual(['check.failed', 'check.recovered', 'drift.found']);
  });

  test('an apply clears drift; one that failed or is lost does not', async () => {
    for (const state of ['apply_failed', 'outcome_unknown'] as const) {
      await record({ at: 1, seen: [drifted] });
      await record({ at: 2, kind: 'apply', seen: [{ ...drifted, state }] });
      expect(await only()).toMatchObject({ counts: { hasDrift: true }, error: expect.stringContaining('apply') });
    }
    await record({ at: 3, kind: 'apply', seen: [drifted] });
    expect(await only()).toMatchObject({ status: 'resolved', counts: { hasDrift: false, toChange: 0 }, error: null });
  });

  test('however many targets drift in one run, it is one message; the list in it is bounded', async () => {
    await record({ at: 1, seen: Array.from({ length: 90 }, (_, index) => ({ ...drifted, directory: `d${index}` })) });
    expect(await told()).toMatchObject([{ kind: 'drift.found', totalTargets: 90, targets: { length: 50 } }]);
  });

  test('too much at once: the breaker speaks, and what still drifts is told when it is closed', async () => {
    const fleet = Array.from({ length: 200 }, (_, index) => ({ ...drifted, directory: `d${index}` }));
    await record({ at: 1, seen: fleet.map(({ directory }) => ({ directory })) });
    await record({ at: 2, seen: fleet });
    await record({ at: 3, seen: fleet });
    expect(await toldKinds()).toEqual(['breaker.opened']);
    await drift.sql(`update breaker set state = 'closed', closed_at = now()`);
    await record({ at: 4, seen: fleet });
    expect(await toldKinds()).toEqual(['breaker.opened', 'drift.found']);
  });

  test('the first plan of a branch opens no breaker, the first detection of it does', async () => {
    const fleet = Array.from({ length: 200 }, (_, index) => ({ ...drifted, directory: `d${index}` }));
    await record({ at: 1, ref: 'rewrite', seen: fleet });
    expect(await toldKinds()).toEqual(['drift.found']);
    const { runId } = await detect();
    await record({ at: 2, id: runId ?? '', seen: fleet });
    expect((await toldKinds()).slice(1)).toEqual(['breaker.opened']);
  });

  test('the history of a record and what is kept of its changes are bounded', async () => {
    const huge = Array.from({ length: 500 }, (_, index) => changed(`${a}[${index}].${'x'.repeat(800)}`, 'tags'));
    await record({ at: 1, seen: [{ directory: 'a', drift: huge }] });
    const { id } = await only();
    const details = await one.get(ReadRecords).get(id);
    expect(details.truncated).toBe(true);
    expect(details.changes.length).toBeGreaterThan(100);
    expect(JSON.stringify(details).length).toBeLessThan(300_000);
    for (let at = 2; at < 215; at += 1) await record({ at, seen: [at % 2 === 0 ? same : drifted] });
    expect(await drift.sql('select count(*)::int as n from record_events')).toEqual([{ n: 200 }]);
  });

  test('what nobody looks at any more is forgotten, and of each ref only the newest detections are kept', async () => {
    await record({ at: 1, seen: [drifted] });
    await drift.sql(`insert into detections (type, hostname, repository, ref, projects, paths, user_name, follow_up, status,
        request_hash, completed_at)
      select 'Github', 'github.com', 'acme/infra', 'ref' || n % 2, '[]', '[]', '', 'nothing', 'success', 'x', now()
      from generate_series(1, 2600) as n`);
    await one.get(SweepRuns).keepHouse();
    expect(await list({ gone: 'with' })).toEqual([]);
    expect(await drift.sql('select ref, count(*)::int as n from detections group by ref order by ref')).toEqual([
      { ref: 'ref0', n: 500 },
      { ref: 'ref1', n: 500 },
    ]);
  });

  test('pages of records fit together, in a stable order', async () => {
    const seen = ['b', 'a', 'ä', 'a/b', 'B'].map((directory) => ({ ...drifted, directory }));
    await record({ at: 1, seen });
    const all: string[] = [];
    let after: string | null = null;
    do {
      const page = await one.get(ReadRecords).list({ ...everything, gone: 'without', after, limit: 2 });
      all.push(...page.records.map(({ target }) => target.directory));
      after = page.next;
    } while (after !== null);
    expect(all).toEqual(['B', 'a', 'a/b', 'b', 'ä']);
    await expect(
      one.get(ReadRecords).list({ ...everything, gone: 'without', after: 'x', limit: 2 }),
    ).rejects.toMatchObject({
      code: 'INVALID',
    });
  });
});

describe('noise', () => {
  test('what is ignored, acknowledged or snoozed is recorded and not told; what changes after that is', async () => {
    await rule({ address: 'aws_asg.*', attribute: 'desired_*' });
    await record({ at: 1, seen: [{ directory: 'a', drift: [changed('aws_asg.x', 'desired_capacity')] }] });
    expect(await only()).toMatchObject({ quiet: 'ignored', counts: { hasDrift: true }, status: 'new' });
    expect(await toldKinds()).toEqual([]);

    const half = [changed('aws_asg.x', 'desired_capacity', 'name')];
    await record({ at: 2, seen: [{ directory: 'a', drift: half }] });
    expect(await toldKinds()).toEqual(['drift.found']);
    const { id, fingerprint } = await only();
    await one.get(CareForRecord).acknowledge({ id, by: 'ann', reason: 'we know', fingerprint });
    const other = [changed('aws_asg.x', ['desired_capacity', '7'], 'name')];
    await record({ at: 3, seen: [{ directory: 'a', drift: other }] });
    expect(await only()).toMatchObject({ quiet: 'acknowledged', status: 'known', acknowledged: { by: 'ann' } });
    await record({ at: 4, seen: [{ directory: 'a', drift: [changed('aws_asg.x', ['name', '"other"'])] }] });
    expect(await only()).toMatchObject({ quiet: null, status: 'changed' });
    expect(await toldKinds()).toEqual(['drift.found', 'drift.changed']);

    const until = new Date(Date.now() + 3_600_000).toISOString();
    await one.get(CareForRecord).snooze({ id, until, by: '', reason: '' });
    await record({ at: 5, seen: [{ directory: 'a', drift: [changed('aws_asg.x', 'tags')] }] });
    await record({ at: 6, seen: [{ directory: 'a', error: 'away' }] });
    expect(await only()).toMatchObject({ quiet: 'snoozed' });
    expect(await toldKinds()).toHaveLength(2);
    await drift.sql(`update records set snoozed_until = now() - interval '1 second'`);
    await record({ at: 7, seen: [{ directory: 'a', drift: [changed('aws_asg.x', 'tags')] }] });
    expect((await toldKinds()).slice(2)).toEqual(['drift.changed']);
  });

  test('nothing is hidden that was cut off, created or destroyed', async () => {
    await rule({ attribute: 'tags*' });
    const created = { ...changed('aws_vpc.new', 'tags'), actions: ['create' as const] };
    await record({ at: 1, seen: [{ directory: 'a', drift: [created] }] });
    await record({ at: 1, seen: [{ directory: 'b', drift: [changed(a, 'tags')], truncated: true }] });
    await record({ at: 1, seen: [{ directory: 'c', drift: [changed(a, 'tags["x"]')] }] });
    expect((await list()).map(({ quiet }) => quiet)).toEqual([null, null, 'ignored']);
  });

  test('rules hold for their repositories and until they expire', async () => {
    await rule({ repository: 'GitHub.com/acme/*' });
    await record({ at: 1, seen: [drifted] });
    expect(await only()).toMatchObject({ quiet: 'ignored' });
    await drift.sql(`update ignore_rules set expires_at = now() - interval '1 second'`);
    await record({ at: 2, seen: [drifted] });
    expect(await only()).toMatchObject({ quiet: null, status: 'known' });
    expect(await toldKinds()).toEqual(['drift.found']);
  });

  test('what cannot be is refused', async () => {
    await record({ at: 1, seen: [same] });
    const { id } = await only();
    const care = one.get(CareForRecord);
    const until = (ms: number) => new Date(Date.now() + ms).toISOString();
    const unknown = '11111111-1111-4111-8111-111111111111';
    for (const [attempt, code] of [
      [() => care.acknowledge({ id, by: '', reason: 'x', fingerprint: null }), 'CONFLICT'],
      [() => care.snooze({ id, by: '', reason: '', until: until(-1000) }), 'INVALID'],
      [() => care.snooze({ id, by: '', reason: '', until: until(91 * 86_400_000) }), 'INVALID'],
      [() => care.setOwner({ id: unknown, owner: 'ann' }), 'NOT_FOUND'],
      [() => rule({ expiresAt: until(-1000) }), 'INVALID'],
      [() => one.get(KeepRules).delete(unknown), 'NOT_FOUND'],
    ] as const) {
      await expect(attempt()).rejects.toMatchObject({ code });
    }
    await record({ at: 2, seen: [drifted] });
    await expect(care.acknowledge({ id, by: '', reason: 'x', fingerprint: 'other' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('there are never more than 1000 rules, also when many are made at once', async () => {
    await drift.sql(`insert into ignore_rules (repository, address, reason, owner)
      select '*', '*', 'x', '' from generate_series(1, 995)`);
    const made = await Promise.allSettled(Array.from({ length: 12 }, () => rule({})));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await drift.sql('select count(*)::int as n from ignore_rules')).toEqual([{ n: 1000 }]);
  });
});

describe('detections', () => {
  test('a detection ends with what its run found, and asks for its run once', async () => {
    const { detectionId: id, runId } = await detect();
    expect(drift.around.starts).toMatchObject([
      { kind: 'plan', ref: 'refs/heads/main', everyTarget: true, origin: 'drift', idempotencyKey: `detection:${id}` },
    ]);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({ status: 'running', completedAt: null });
    await record({
      at: 1,
      id: runId ?? '',
      ref: 'refs/heads/main',
      seen: [drifted, { directory: 'b', error: 'away' }],
    });
    expect(await one.get(ReadDetections).get(id)).toMatchObject({
      status: 'partial',
      totalTargets: 2,
      driftedTargets: 1,
      failedTargets: 1,
    });
    const { targets } = await one.get(ReadDetections).targets({ id, after: null, limit: 10 });
    expect(targets).toMatchObject([
      { target: { directory: 'a' }, counts: { hasDrift: true }, error: null },
      { target: { directory: 'b' }, counts: null, error: 'away' },
    ]);
    expect((await list()).map(({ ref }) => ref)).toEqual(['main', 'main']);
  });

  test('while `runs` is away a detection waits, and is followed by whoever comes first', async () => {
    const [{ detectionId: id }] = (await drift
      .sql<{ id: string }>(
        `insert into detections (type, hostname, repository, ref, projects, paths, user_name, follow_up, status,
           request_hash, looked_at)
         values ('Github', 'github.com', 'acme/infra', 'main', '[]', '[]', '', 'nothing', 'pending', 'x',
           now() - interval '1 minute') returning id`,
      )
      .then((rows) => rows.map((row) => ({ detectionId: row.id })))) as [{ detectionId: string }];
    await Promise.all([one, two].map((replica) => replica.get(FollowDetection).followSome(running)));
    expect(drift.around.starts).toHaveLength(1);
    const { runId } = await one.get(ReadDetections).get(id);
    finish({ at: 1, id: runId ?? '', seen: [drifted] });
    await drift.sql(`update detections set looked_at = now() - interval '1 minute'`);
    await two.get(FollowDetection).followSome(running);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({ status: 'success', driftedTargets: 1 });
  });

  test('a run that was recorded before anybody knew whose it was still ends its detection', async () => {
    const { detectionId: id, runId } = await detect();
    await drift.sql(`update detections set run_id = null, status = 'pending', looked_at = now() - interval '1 minute'`);
    await record({ at: 1, id: runId ?? '', seen: [drifted] });
    drift.around.starts.length = 0;
    await one.get(FollowDetection).followSome(running);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({ status: 'success', driftedTargets: 1 });
    expect(await toldKinds()).toEqual(['drift.found']);
  });

  test('a detection whose run is no more has failed', async () => {
    const { detectionId: id } = await detect();
    await drift.sql(`update detections set looked_at = now() - interval '1 minute'`);
    await one.get(FollowDetection).followSome(running);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('no longer exists'),
    });
  });

  test('a repository that cannot be read at all is told once, until it can be', async () => {
    const error = { code: 'NOT_FOUND', message: 'acme/infra cannot be cloned' };
    for (const at of [1, 2]) {
      const { runId } = await detect();
      await record({ at, id: runId ?? '', seen: [], error });
    }
    expect(await told()).toMatchObject([{ kind: 'check.failed', totalTargets: 0, reason: error.message }]);
    const { runId } = await detect();
    await record({ at: 3, id: runId ?? '', seen: [same] });
    expect(await toldKinds()).toEqual(['check.failed', 'check.recovered']);
  });

  test('one key is one detection, also at once; another request with it is a conflict', async () => {
    const started = await Promise.all(Array.from({ length: 10 }, () => detect('key')));
    expect(new Set(started.map(({ detectionId }) => detectionId)).size).toBe(1);
    expect(started.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await expect(detect('key', [{ directory: 'a', workspace: '' }])).rejects.toMatchObject({ code: 'CONFLICT' });
    await drift.sql(`update detections set started_at = now() - interval '25 hours'`);
    expect(await detect('key')).toMatchObject({ replayed: false });
  });

  test('a target that was seen while a full detection ran is not gone', async () => {
    const { runId } = await detect();
    await record({ at: 9, seen: [{ ...drifted, directory: 'old' }] });
    await record({ at: 19, seen: [{ ...drifted, directory: 'young' }] });
    await record({ at: 20, id: runId ?? '', seen: [drifted] });
    expect((await list()).map(({ target }) => target.directory)).toEqual(['a', 'young']);
    expect((await list({ gone: 'with' })).map(({ goneAt }) => goneAt)).toEqual([null, timeAt(20).toISOString(), null]);
  });
});
