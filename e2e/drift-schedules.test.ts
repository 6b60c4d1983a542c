// Drift that is looked for by itself and told: schedules, webhooks, and what a crash between them may not do.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HttpReceiver, type ReceivedRequest, startHttpReceiver, until } from '@terramesh/testing';
import { type DriftWorld, startDriftWorld } from './src/drifting.js';
import { explained, type Processes, startProcesses } from './src/processes.js';
import { resource, startWorld } from './src/world.js';

const secret = 'a-secret-of-enough-length';
const hourly = { type: 'Github', ref: 'main', interval_seconds: 3600 };

interface Schedule {
  readonly id: string;
  readonly next_run_at: string | null;
  readonly last_run: { readonly detection_id: string; readonly status: string } | null;
  readonly missed: number;
}

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: DriftWorld;
  let receiver: HttpReceiver;

  beforeAll(async () => {
    receiver = await startHttpReceiver();
    world = await startDriftWorld({
      mesh,
      driftReplicas: 2,
      settings: {
        TERRAMESH_WEBHOOK_ALLOW_PRIVATE: 'true',
        TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*,!github.com/acme/secret',
      },
    });
  });
  afterAll(async () => {
    await world?.stop();
    await receiver?.stop();
  });

  const send = (method: string, path: string, body?: object) =>
    world.http(method, `/api/drift${path}`, body === undefined ? {} : { body });
  const makeDue = (id: string, seconds = 0) =>
    world.sql(`update drift.schedules set next_run_at = now() - $2 * interval '1 second' where id = $1`, [id, seconds]);
  const lastRun = (id: string, before?: string) =>
    until(
      async () => {
        const { last_run: last } = (await send('GET', `/schedules/${id}`)).json<Schedule>();
        return last?.status === 'success' && last.detection_id !== before ? last : undefined;
      },
      { timeoutMs: 60_000, describe: `the detection of schedule ${id}` },
    );

  test('a schedule finds real drift, and a webhook hears of it once, signed', async () => {
    const repository = 'acme/scheduled';
    await world.setWorld('scheduled', 'as it was');
    await world.settle(repository, { 'a/main.tf': world.drifting('scheduled') }, { paths: ['a'] });
    const events = ['drift.found', 'schedule.missed'];
    const hook = await send('POST', '/webhooks', { url: receiver.url, secret, events });
    expect([hook.status, hook.text.includes(secret)]).toEqual([201, false]);
    const created = await send('POST', '/schedules', { ...hourly, repository, name: 'every hour – stündlich' });
    expect(created.status).toBe(201);
    const { id } = created.json<Schedule>();
    expect(created.headers.get('location')).toBe(`/api/drift/schedules/${id}`);
    expect(created.json()).toMatchObject({
      hostname: 'github.com',
      repository,
      cron: null,
      time_zone: null,
      interval_seconds: 3600,
      // biome-ignore lint/suspicious/noThenProperty: the wire's word
      then: 'nothing',
      paused: false,
      last_run: null,
      missed: 0,
    });

    await world.setWorld('scheduled', 'changed by hand');
    await makeDue(id, 7200);
    const last = await lastRun(id);
    const told = await until(() => (receiver.received.length >= 2 ? receiver.received : undefined), {
      timeoutMs: 30_000,
      describe: 'both messages',
    });
    const bodies = told.map((got) => JSON.parse(got.body));
    expect(bodies.find(({ kind }) => kind === 'schedule.missed')).toMatchObject({
      repository,
      schedule_id: id,
      missed: 3,
    });
    expect(bodies.find(({ kind }) => kind === 'drift.found')).toMatchObject({
      hostname: 'github.com',
      repository,
      ref: 'main',
      detection_id: last.detection_id,
      total_targets: 1,
      targets: [{ path: 'a', workspace: 'default', to_change: 1, addresses: ['terraform_data.this'] }],
    });
    expect(told.map(isSigned)).toEqual(told.map(() => true));

    // The same drift again is no news.
    await makeDue(id);
    await lastRun(id, last.detection_id);
    expect(receiver.received).toHaveLength(2);
    const deliveries = await send('GET', `/webhooks/${hook.json<{ id: string }>().id}/deliveries`);
    expect(deliveries.json()).toMatchObject({
      deliveries: [{ status: 'delivered' }, { status: 'delivered' }],
      next: null,
    });
    expect((await send('GET', '/deliveries?status=dead')).json()).toEqual({ deliveries: [], next: null });
  });

  test('a schedule is triggered, changed, paused, listed and deleted', async () => {
    const repository = 'acme/triggered';
    await world.host.create(repository, { 'a/main.tf': resource() });
    const cron = {
      type: 'github',
      repository,
      ref: 'main',
      cron: '0 3 * * *',
      time_zone: 'Europe/Berlin',
      paused: true,
    };
    const { id } = (await send('POST', '/schedules', cron)).json<Schedule>();
    const triggered = await send('POST', `/schedules/${id}/trigger`);
    expect(triggered.status).toBe(202);
    expect(triggered.headers.get('location')).toMatch(/^\/api\/runs\/run-/);
    expect(await lastRun(id)).toMatchObject({ detection_id: triggered.json<{ id: string }>().id });

    const changed = await send('PATCH', `/schedules/${id}`, { paused: false, jitter_seconds: 0 });
    expect(new Date(changed.json<Schedule>().next_run_at ?? '').toISOString()).toMatch(/T0[12]:00:00\.000Z$/);
    const list = await send('GET', `/schedules?repository=${repository}`);
    expect(list.json<{ schedules: Schedule[] }>().schedules.map((schedule) => schedule.id)).toEqual([id]);
    expect((await send('DELETE', `/schedules/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await send(method, `/schedules/${id}`)).status).toBe(404);
    expect((await send('POST', `/schedules/${id}/trigger`)).status).toBe(404);
  });

  test.each([
    ['every second', { cron: '* * * * * *' }, 400, /at most once a minute/],
    ['no cron line', { cron: 'daily, please' }, 400, /is not a cron line/],
    ['30 February', { cron: '0 0 30 2 *' }, 400, /never comes to a turn/],
    ['a time zone of Mars', { cron: '0 3 * * *', time_zone: 'Mars/Olympus' }, 400, /is not a time zone/],
    ['a short interval', { interval_seconds: 59 }, 400, /at least 60 seconds/],
    ['neither', {}, 400, /cron or interval_seconds is missing/],
    ['both', { cron: '0 3 * * *', interval_seconds: 60 }, 400, /cannot both be set/],
    ['a time zone without a cron line', { interval_seconds: 60, time_zone: 'UTC' }, 400, /goes with cron/],
    ['an unknown key', { interval_seconds: 60, crom: '* * * * *' }, 400, /crom/],
    // biome-ignore lint/suspicious/noThenProperty: the wire's word
    ['an unknown follow-up', { interval_seconds: 60, then: 'destroy' }, 400, /then/],
    ['a ref that is an option', { interval_seconds: 60, ref: '--upload-pack=x' }, 400, /ref/],
    ['a repository that is not allowed', { interval_seconds: 60, repository: 'acme/secret' }, 403, /allowlist/],
    ['a type that is none', { interval_seconds: 60, type: 'CVS' }, 400, /not a valid type/],
  ])('%s is refused', async (_, more, status, message) => {
    const { interval_seconds: _unused, ...rest } = hourly;
    const answer = await send('POST', '/schedules', { ...rest, repository: 'acme/infra', ...more });
    expect([answer.status, answer.json<{ error: string }>().error]).toEqual([status, expect.stringMatching(message)]);
  });

  test('webhooks are refused, tried, changed and deleted', async () => {
    const refused = await send('POST', '/webhooks', { url: 'http://169.254.169.254/', secret });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('may not go to')]);
    expect((await send('POST', '/webhooks', { url: receiver.url, secret: 'short' })).status).toBe(400);
    expect((await send('POST', '/webhooks', { url: receiver.url, secret, events: ['everything'] })).status).toBe(400);
    expect((await world.http('GET', '/api/drift/webhooks', { headers: { 'X-Atlantis-Token': '' } })).status).toBe(401);

    const url = `${receiver.url}/slack`;
    const { id } = (await send('POST', '/webhooks', { kind: 'slack', url, enabled: false })).json<{ id: string }>();
    expect((await send('POST', `/webhooks/${id}/test`)).json()).toMatchObject({ delivered: true, http_status: 204 });
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toEqual({ text: 'This is a test: messages arrive.' });
    expect((await send('PATCH', `/webhooks/${id}`, { repository: '*/acme/*' })).json()).toMatchObject({
      repository: '*/acme/*',
      enabled: false,
      url: expect.not.stringContaining('slack'),
    });
    expect((await send('DELETE', `/webhooks/${id}`)).status).toBe(204);
    expect((await send('GET', `/webhooks/${id}/deliveries`)).status).toBe(404);
    expect((await send('POST', `/deliveries/${id}/redeliver`)).status).toBe(404);
  });
});

test('while drift is off, every route says so, after the token and before anything else', async () => {
  const world = await startWorld({ mesh: 'inproc' });
  const routes = [
    ...['GET /schedules', 'POST /schedules', 'GET /schedules/x', 'PATCH /schedules/x', 'DELETE /schedules/x'],
    ...['POST /schedules/x/trigger', 'GET /webhooks', 'POST /webhooks', 'GET /webhooks/x', 'PATCH /webhooks/x'],
    ...['DELETE /webhooks/x', 'POST /webhooks/x/test', 'GET /webhooks/x/deliveries', 'GET /deliveries'],
    'POST /deliveries/x/redeliver',
  ];
  for (const route of routes) {
    const [method = '', path] = route.split(' ');
    const off = await world.http(method, `/api/drift${path}`);
    expect([route, off.status, off.json()]).toEqual([route, 503, { error: 'drift detection is not enabled' }]);
    const isPublic = /^GET .schedules/.test(route);
    const stranger = await world.http(method, `/api/drift${path}`, { headers: { 'X-Atlantis-Token': 'wrong' } });
    expect([route, stranger.status]).toEqual([route, isPublic ? 503 : 401]);
  }
  expect((await world.http('GET', '/readyz')).status).toBe(200);
  await world.stop();
});

describe('as processes', () => {
  let system: Processes;

  beforeAll(async () => {
    system = await startProcesses({
      files: () => ({ 'a/main.tf': resource() }),
      settings: { TERRAMESH_DRIFT_DETECTION: 'true' },
      runsReplicas: 1,
      driftReplicas: 2,
    });
  });
  afterAll(() => system?.stop());

  test.each([
    ['before the detection is stored', 'before insert on drift.detections'],
    ['before the schedule knows of it', 'before update of last_detection_id on drift.schedules'],
  ])('kill -9 of every drift process %s: still exactly one', (_, point) =>
    explained(
      () => system,
      () => killedAt(point),
    )(),
  );

  /** Holds whoever takes the turn at this point, kills everybody, and lets the next ones find what is left. */
  async function killedAt(point: string): Promise<void> {
    const sql = <T>(text: string, values: unknown[] = []) => system.client.sql<T>(text, values);
    const body = { type: 'Github', repository: 'acme/infra', ref: 'main', interval_seconds: 3600 };
    const created = await system.client.http('POST', '/api/drift/schedules', { body });
    const { id } = created.json<Schedule>();
    await sql('create table if not exists gates.closed (is_closed boolean)');
    await sql('insert into gates.closed values (true)');
    await sql(`create function gates.hold_drift() returns trigger language plpgsql as $$ begin
      if exists (select 1 from gates.closed) then perform pg_sleep(20); raise exception 'held for too long'; end if;
      return new; end $$`);
    await sql(`create trigger hold ${point} for each row execute function gates.hold_drift()`);
    await sql(`update drift.schedules set next_run_at = now() where id = $1`, [id]);
    const isHeld = async () => (await sql(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`)).length > 0;
    await until(isHeld, { timeoutMs: 30_000, describe: 'somebody at the gate' });
    await Promise.all(system.drift.map((process) => process.kill()));
    await sql(`select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`);
    await sql(`drop function gates.hold_drift cascade`);
    await sql('truncate gates.closed');

    await Promise.all(system.drift.map((process) => process.start()));
    await sql(`update drift.schedules set starting_until = now() where starting_turn is not null and id = $1`, [id]);
    const last = await until(
      async () => {
        const { last_run: run } = (await system.client.http('GET', `/api/drift/schedules/${id}`)).json<Schedule>();
        return run?.status === 'success' ? run : undefined;
      },
      { timeoutMs: 60_000, describe: 'the end of the detection' },
    );
    const all = await sql<{ id: string; run_id: string }>(
      'select id, run_id from drift.detections where schedule_id = $1',
      [id],
    );
    expect(all.map((detection) => detection.id)).toEqual([last.detection_id]);
    expect(await sql('select 1 from runs.run where id = $1', [all[0]?.run_id])).toHaveLength(1);
    await system.client.http('DELETE', `/api/drift/schedules/${id}`);
  }
});

/** As a receiver checks it: nothing of ours but the secret. */
function isSigned({ headers, body }: ReceivedRequest): boolean {
  const timestamp = String(headers['x-terramesh-timestamp']);
  const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return headers['x-terramesh-signature'] === `sha256=${expected}`;
}
