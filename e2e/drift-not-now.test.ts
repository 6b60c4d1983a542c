// What keeps a remediation from applying for now, and no longer than that: the window, and the global apply lock.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { drift } from '@terramesh/drift';
import { openMesh } from '@terramesh/mesh';
import { createLogger, loadSettings, type RunningService, startService } from '@terramesh/service';
import { bodyOf, type DriftWorld, golden, network, shapeOf, startDriftWorld } from './src/drifting.js';

const projects = ['vpc', 'ec2'];
const logger = createLogger({ level: 'silent' });

/** All of one day of the week, so many days from now. */
const dayFromNow = (days: number) => {
  const day = new Date(Date.now() + days * 86_400_000);
  return `${new Intl.DateTimeFormat('en-US', { weekday: 'short', timeZone: 'UTC' }).format(day)} 00:00-24:00 UTC`;
};
// Over midnight too, whenever this runs.
const windows = { closed: dayFromNow(3), open: `${dayFromNow(3)}; ${dayFromNow(0)}; ${dayFromNow(1)}` };
const outside = 'drift is not put right at this time: see TERRAMESH_DRIFT_APPLY_WINDOW';

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: DriftWorld;
  const undo: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    world = await startDriftWorld({ mesh });
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
    await world?.stop();
  });

  /** Starts drift anew with another window, as somebody does who changes the setting. */
  let current: readonly RunningService[] | undefined;
  const setWindow = async (window: keyof typeof windows, binds: 'automatic' | 'everyone') => {
    for (const service of current ?? world.drift) await service.stop();
    const env = {
      DATABASE_URL: world.databaseUrl,
      TERRAMESH_DRIFT_DETECTION: 'true',
      TERRAMESH_DRIFT_APPLY_WINDOW: windows[window],
      TERRAMESH_DRIFT_APPLY_WINDOW_FOR: binds,
    };
    const url = world.nats?.url;
    const link = url === undefined ? world.link : await openMesh({ url, service: 'drift', logger });
    if (link !== world.link) undo.push(() => link.close());
    const settings = loadSettings(drift.settings, { env });
    const service = await startService(drift, { settings, link, logger, stopTimeoutMs: 5_000 });
    undo.push(() => service.stop());
    current = [service];
  };
  const listed = async (repository: string) =>
    (await world.http('GET', `/api/drift/remediate?repository=${repository}`)).json<{
      results: { id: string; status: string; action: string; projects: { path: string }[] }[];
    }>().results;
  /** A repository whose one target `a-<name>` has drifted, which is recorded. */
  const drifted = async (name: string) => {
    const [repository, path] = [`acme/${name}`, `a-${name}`];
    await world.setWorld(name, 'as it was');
    await world.settle(repository, { [`${path}/main.tf`]: world.drifting(name) }, { paths: [path] });
    await world.setWorld(name, 'changed by hand');
    await world.look(repository, { paths: [path] });
    return { repository, path };
  };

  describe('outside a window', () => {
    test('that is for everyone an apply is refused and leaves nothing behind, a plan is not; inside it runs', async () => {
      const { repository, path } = await drifted('for-everyone');
      await setWindow('closed', 'everyone');
      const body = { repository, ref: 'main', type: 'Github', action: 'apply', drift_only: true };
      const key = { 'Idempotency-Key': randomUUID() };
      for (const headers of [key, { ...key, Prefer: 'respond-async' }]) {
        const refused = await world.http('POST', '/api/drift/remediate', { body, headers });
        expect([refused.status, refused.json()]).toEqual([409, { error: outside }]);
      }
      expect(await listed(repository)).toEqual([]);
      const planned = await world.remediate(repository, { action: 'plan', drift_only: true });
      expect(planned).toMatchObject({ status: 200, body: { status: 'success', total_projects: 1 } });
      expect(await world.appliesIn(path)).toBe(1);

      await setWindow('open', 'everyone');
      const applied = await world.remediate(repository, { action: 'apply', drift_only: true }, { headers: key });
      expect(applied).toMatchObject({ status: 200, body: { status: 'success', total_projects: 1 } });
      expect(await world.appliesIn(path)).toBe(2);
      expect(await listed(repository)).toHaveLength(2);
    });

    test('a schedule plans but does not apply; the next detection inside it finds the drift again and applies', async () => {
      const { repository, path } = await drifted('by-schedule');
      await setWindow('closed', 'automatic');
      await world.detectBySchedule(repository, 'apply');
      expect(await listed(repository)).toEqual([]);
      await world.detectBySchedule(repository, 'plan');
      expect(await listed(repository)).toMatchObject([{ action: 'plan', status: 'success', projects: [{ path }] }]);
      expect(await world.appliesIn(path)).toBe(1);

      await setWindow('open', 'automatic');
      await world.detectBySchedule(repository, 'apply');
      expect((await listed(repository))[0]).toMatchObject({ action: 'apply', status: 'success', projects: [{ path }] });
      expect(await world.appliesIn(path)).toBe(2);
    });

    test('that is for schedules a person may apply', async () => {
      const { repository, path } = await drifted('by-a-person');
      await setWindow('closed', 'automatic');
      const applied = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(applied).toMatchObject({ status: 200, body: { status: 'success', total_projects: 1 } });
      expect(await world.appliesIn(path)).toBe(2);
    });
  });

  describe('under the global apply lock', () => {
    beforeAll(() => setWindow('open', 'everyone'));

    test('an apply fails as a whole and says why in full, a plan does not; unlocked, the same apply succeeds', async () => {
      const repository = 'acme/locked';
      await world.settle(repository, await network(world, 'locked'), { projects });
      for (const project of projects) await world.setWorld(`locked-${project}`, 'changed by hand');
      await world.look(repository, { projects });
      const appliedBefore = await world.appliesIn('modules/vpc');
      expect((await world.http('POST', '/apply/lock')).status).toBe(200);

      const refused = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(refused).toMatchObject({
        status: 500,
        body: { repository, action: 'apply', status: 'failed', total_projects: 2, success_count: 0, failure_count: 2 },
      });
      for (const project of refused.body.projects) {
        expect(project).toMatchObject({
          status: 'failed',
          error: expect.stringMatching(/^apply is disabled globally since \d{4}-\d\d-\d\dT/),
          plan_output: expect.stringContaining('terraform_data.this'),
          drift_before: { HasDrift: true },
        });
        expect(project).not.toHaveProperty('apply_output');
        expect(project).not.toHaveProperty('drift_after');
      }
      expect((await world.remediate(repository, { drift_only: true })).body).toMatchObject({ status: 'success' });
      expect(await world.appliesIn('modules/vpc')).toBe(appliedBefore);

      expect((await world.http('DELETE', '/apply/unlock')).status).toBe(200);
      const applied = await world.remediate(repository, { action: 'apply', drift_only: true });
      expect(applied).toMatchObject({ status: 200, body: { status: 'success', success_count: 2, failure_count: 0 } });
      expect(shapeOf(applied.body.projects[0])).toEqual(shapeOf((await golden('drift-remediate-apply')).projects[0]));
      expect(await world.appliesIn('modules/vpc')).toBe(appliedBefore + 1);
    });

    test("a schedule's apply fails too, and is made up for by the next detection", async () => {
      const { repository, path } = await drifted('locked-schedule');
      await world.http('POST', '/apply/lock');
      await world.detectBySchedule(repository, 'apply');
      const [failed] = await listed(repository);
      expect(failed).toMatchObject({ action: 'apply', status: 'failed', projects: [{ path }] });
      const whole = bodyOf(await world.http('GET', `/api/drift/remediate/${failed?.id}`)).body;
      expect(whole.projects[0]?.error).toMatch(/^apply is disabled globally/);
      expect(await world.appliesIn(path)).toBe(1);

      await world.http('DELETE', '/apply/unlock');
      await world.detectBySchedule(repository, 'apply');
      expect((await listed(repository))[0]).toMatchObject({ action: 'apply', status: 'success', projects: [{ path }] });
      expect(await world.appliesIn(path)).toBe(2);
    });
  });
});
