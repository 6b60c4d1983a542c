// From finished runs to records, history and messages, on a real Postgres.
import { describe, expect, test } from '@jest/globals';
import { type DriftRecord, RunId } from '@terramesh/contracts';
import { ReadRecords } from '../src/records/read-records.js';
import { RecordRun } from '../src/records/record-run.js';
import { SweepRuns } from '../src/records/sweep-runs.js';
import { changed, finishedRun, timeAt } from './finished-runs.js';
import {
  around,
  detect,
  drifted,
  everything,
  finish,
  historyOf,
  list,
  one,
  only,
  record,
  running,
  same,
  sql,
  told,
  toldKinds,
  two,
  useReplicas,
} from './recording.js';

useReplicas();

const a = 'aws_vpc.a';

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
    around().finished.set(bad, { ...whole, run: { ...whole.run, id: RunId.parse(bad) }, state: 'withheld' });
    await one.get(SweepRuns).sweep(running);
    expect((await list()).map(({ target }) => target.directory)).toEqual(['b']);
    expect(await sql('select 1 from sweeps where swept_until > $1', [timeAt(1)])).toEqual([]);
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
    await sql(`update breaker set state = 'closed', closed_at = now()`);
    await record({ at: 4, seen: fleet });
    expect(await toldKinds()).toEqual(['breaker.opened', 'drift.found']);
  });

  test('plans of a branch that nobody watches are on record and no news; all that its first detection finds is new', async () => {
    const fleet = Array.from({ length: 200 }, (_, index) => ({ ...drifted, directory: `d${index}` }));
    await record({ at: 1, ref: 'rewrite', seen: fleet });
    expect(await list()).toHaveLength(200);
    expect(await toldKinds()).toEqual([]);
    const { runId } = await detect(null, [], 'rewrite');
    await record({ at: 2, id: runId ?? '', ref: 'rewrite', seen: fleet });
    expect(await toldKinds()).toEqual(['breaker.opened']);
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
    expect(await sql('select count(*)::int as n from record_events')).toEqual([{ n: 200 }]);
  });

  test('what nobody looks at any more is forgotten, and of each ref only the newest detections are kept', async () => {
    await record({ at: 1, seen: [drifted] });
    await sql(`insert into detections (type, hostname, repository, ref, projects, paths, user_name, follow_up, status,
        request_hash, completed_at)
      select 'Github', 'github.com', 'acme/infra', 'ref' || n % 2, '[]', '[]', '', 'nothing', 'success', 'x', now()
      from generate_series(1, 2600) as n`);
    await sql(`insert into failing_refs (hostname, repository, ref, error, failing_since)
      select 'github.com', 'Acme/infra', ref, 'x', now() - interval '31 days' from unnest(array['ref0', 'gone']) as ref`);
    await one.get(SweepRuns).keepHouse(running);
    expect(await sql('select ref from failing_refs')).toEqual([{ ref: 'ref0' }]);
    expect(await list({ gone: 'with' })).toEqual([]);
    expect(await sql('select ref, count(*)::int as n from detections group by ref order by ref')).toEqual([
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
