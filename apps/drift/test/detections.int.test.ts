// Detections from their acceptance to their end, over replicas and whatever gets lost between the services.
import { describe, expect, test } from '@jest/globals';
import { FollowDetection } from '../src/detections/follow-detection.js';
import { ReadDetections } from '../src/detections/read-detections.js';
import { timeAt } from './finished-runs.js';
import {
  around,
  detect,
  drifted,
  finish,
  list,
  one,
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

describe('detections', () => {
  test('a detection ends with what its run found, and asks for its run once', async () => {
    const { detectionId: id, runId } = await detect();
    expect(around().starts).toMatchObject([
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
    const [{ detectionId: id }] = (await sql<{ id: string }>(
      `insert into detections (type, hostname, repository, ref, projects, paths, user_name, follow_up, status,
           request_hash, looked_at)
         values ('Github', 'github.com', 'acme/infra', 'main', '[]', '[]', '', 'nothing', 'pending', 'x',
           now() - interval '1 minute') returning id`,
    ).then((rows) => rows.map((row) => ({ detectionId: row.id })))) as [{ detectionId: string }];
    await Promise.all([one, two].map((replica) => replica.get(FollowDetection).followSome(running)));
    expect(around().starts).toHaveLength(1);
    const { runId } = await one.get(ReadDetections).get(id);
    finish({ at: 1, id: runId ?? '', seen: [drifted] });
    await sql(`update detections set looked_at = now() - interval '1 minute'`);
    await two.get(FollowDetection).followSome(running);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({ status: 'success', driftedTargets: 1 });
  });

  test('a run that was recorded before anybody knew whose it was still ends its detection', async () => {
    const { detectionId: id, runId } = await detect();
    await sql(
      `update detections set run_id = null, status = 'pending', looked_at = now() - interval '1 minute'
       where completed_at is null`,
    );
    await record({ at: 1, id: runId ?? '', seen: [drifted] });
    around().starts.length = 0;
    await one.get(FollowDetection).followSome(running);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({ status: 'success', driftedTargets: 1 });
    expect(await toldKinds()).toEqual(['drift.found']);
  });

  test('a detection whose run is no more has failed', async () => {
    const { detectionId: id } = await detect();
    await sql(`update detections set looked_at = now() - interval '1 minute'`);
    await one.get(FollowDetection).followSome(running);
    expect(await one.get(ReadDetections).get(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('no longer exists'),
    });
  });

  test('a detection whose run cannot be recorded fails after half a day, and keeps nobody waiting', async () => {
    const { detectionId: id, runId } = await detect();
    finish({ at: 1, id: runId ?? '', seen: [drifted] });
    const finished = around().finished.get(runId ?? '');
    if (finished !== undefined) around().finished.set(runId ?? '', { ...finished, state: 'withheld' });
    const look = async (age: string) => {
      await sql(`update detections set looked_at = now() - interval '1 minute', started_at = now() - $1::interval`, [
        age,
      ]);
      await one.get(FollowDetection).followSome(running);
      return await one.get(ReadDetections).get(id);
    };
    expect(await look('11 hours')).toMatchObject({ status: 'running' });
    expect(await look('13 hours')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('not be recorded'),
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
    await sql(`update detections set started_at = now() - interval '25 hours'`);
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
