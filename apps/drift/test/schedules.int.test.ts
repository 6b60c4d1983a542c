import { describe, expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { StartDetection } from '../src/detections/start-detection.js';
import { ScheduleRepository } from '../src/persistence/schedule.repository.js';
import { TakeTurns } from '../src/schedules/take-turns.js';
import { TriggerSchedule } from '../src/schedules/trigger-schedule.js';
import { UpdateSchedule } from '../src/schedules/update-schedule.js';
import {
  create,
  detections,
  endDetections,
  makeDue,
  messages,
  other,
  read,
  replica,
  round,
  useScheduleReplicas,
  wanted,
  world,
} from './schedule-replicas.js';

useScheduleReplicas();

describe('a turn', () => {
  test('is one detection, however many replicas look at it at once', async () => {
    const { id } = await create({ followUp: 'plan', projects: ['vpc'] });
    await makeDue();
    await Promise.all([replica, other, replica, other].map(round));
    expect(await detections()).toMatchObject([{ schedule_id: id, follow_up: 'plan' }]);
    expect(world.around.starts).toHaveLength(1);
    expect(world.around.starts[0]).toMatchObject({ kind: 'plan', origin: 'drift', projects: ['vpc'] });
    const [detection] = await detections();
    expect((await read(id)).lastRun).toMatchObject({ detectionId: detection?.id });
    expect(Date.parse((await read(id)).nextRunAt ?? '')).toBeGreaterThan(Date.now());
  });

  test('of many schedules is shared among replicas, and none is taken twice', async () => {
    await Promise.all(Array.from({ length: 60 }, () => create()));
    await makeDue();
    for (let looked = 0; looked < 4; looked += 1) await Promise.all([replica, other].map(round));
    const taken = await detections();
    expect(new Set(taken.map(({ schedule_id: id }) => id)).size).toBe(60);
    expect(taken).toHaveLength(60);
  });

  test('that was taken by a replica which died is started by another, once its lease is over', async () => {
    const { id } = await create();
    await makeDue();
    expect(await replica.get(TakeTurns).take()).toHaveLength(1);
    await round(other);
    expect(await detections()).toEqual([]);
    await world.sql(`update schedules set starting_until = now() - interval '1 second'`);
    await Promise.all([replica, other].map(round));
    expect(await detections()).toMatchObject([{ schedule_id: id }]);
  });

  test('that was started by a replica which died before it could say so is not started twice', async () => {
    const { id } = await create();
    await makeDue();
    const [taken] = await replica.get(TakeTurns).take();
    const idempotencyKey = `schedule:${id}:${taken?.turn.toISOString()}`;
    const { type, repository, ref, projects, paths, followUp } = wanted;
    const started = await replica
      .get(StartDetection)
      .start({ type, repository, ref, projects, paths, followUp, user: 'schedule', scheduleId: id, idempotencyKey });
    await world.sql(`update schedules set starting_until = now() - interval '1 second'`);
    await Promise.all([replica, other].map(round));
    expect((await detections()).map((detection) => detection.id)).toEqual([started.detectionId]);
    expect((await read(id)).lastRun).toMatchObject({ detectionId: started.detectionId });
  });

  test('is left out and counted while the detection before it runs', async () => {
    const { id } = await create();
    await makeDue();
    await round(replica);
    await makeDue();
    await round(other);
    expect(await detections()).toHaveLength(1);
    expect(await read(id)).toMatchObject({ skipped: 1, missed: 0 });
    await endDetections('success');
    await makeDue();
    await round(other);
    expect(await detections()).toHaveLength(2);
  });

  test('that nobody took is told of once, and made up for once', async () => {
    const { id } = await create();
    await makeDue(600);
    await Promise.all([replica, other].map(round));
    await round(replica);
    expect(await detections()).toHaveLength(1);
    expect((await read(id)).missed).toBeGreaterThanOrEqual(10);
    expect(await messages('schedule.missed')).toMatchObject([{ scheduleId: id, schedule: wanted.name, missed: 11 }]);
  });

  test('does not come while the schedule is paused, and is not missed after it', async () => {
    const { id } = await create();
    expect(await replica.get(UpdateSchedule).update({ scheduleId: id, state: 'paused' })).toMatchObject({
      state: 'paused',
      nextRunAt: null,
    });
    await makeDue(600);
    await round(replica);
    expect(await detections()).toEqual([]);
    await replica.get(UpdateSchedule).update({ scheduleId: id, state: 'active' });
    await round(replica);
    expect(await messages('schedule.missed')).toEqual([]);
  });
});

describe('a failure', () => {
  test('of one schedule that cannot be read stops no other, and is told', async () => {
    const broken = await create({ cadence: { kind: 'cron', cron: '* * * * *', timeZone: 'UTC' } });
    const sound = await create();
    await world.sql(`update schedules set time_zone = 'Mars/Olympus' where id = $1`, [broken.id]);
    await makeDue(10);
    await round(replica);
    expect(await detections()).toMatchObject([{ schedule_id: sound.id }]);
    expect(await read(broken.id)).toMatchObject({ failures: 1, problem: expect.stringContaining('not be decided') });
    expect(Date.parse((await read(broken.id)).nextRunAt ?? '')).toBeGreaterThan(Date.now());
    expect(await messages('schedule.failed')).toMatchObject([{ scheduleId: broken.id }]);
  });

  test('with a reason of any characters and length is told', async () => {
    const { id } = await create();
    world.around.refuse = new AppError('FORBIDDEN', '🦊'.repeat(2000));
    await makeDue();
    await round(replica);
    expect(await messages('schedule.failed')).toMatchObject([{ scheduleId: id, failures: 1 }]);
    world.around.refuse = new AppError('FORBIDDEN', `x${'🦊'.repeat(2000)}`);
    await makeDue();
    await round(replica);
    expect(await messages('schedule.failed')).toHaveLength(2);
  });

  test('is told once, again only for another reason, puts turns off, and ends with a success', async () => {
    const { id } = await create();
    const fail = async (error: string) => {
      await makeDue();
      await round(replica);
      await endDetections('failed', error);
      await round(replica);
    };
    await fail('acme/infra cannot be cloned (run-abc, exit 128)');
    await fail('acme/infra cannot be cloned (run-xyz, exit 128)');
    expect(await messages('schedule.failed')).toMatchObject([{ scheduleId: id, failures: 1 }]);
    await fail('terraform is missing');
    expect(await messages('schedule.failed')).toHaveLength(2);
    const failing = await read(id);
    expect(failing).toMatchObject({ failures: 3, problem: 'terraform is missing' });
    expect(Date.parse(failing.nextRunAt ?? '') - Date.now()).toBeGreaterThan(180_000);

    await makeDue();
    await round(replica);
    await endDetections('partial');
    await round(replica);
    expect(await read(id)).toMatchObject({ failures: 0, problem: null });
  });

  test('of the allowlist, at the time of the turn, is one', async () => {
    const { id } = await create();
    world.around.refuse = new AppError('FORBIDDEN', 'repo not in allowlist');
    await makeDue();
    await round(replica);
    expect(await detections()).toEqual([]);
    expect(await read(id)).toMatchObject({ failures: 1, problem: expect.stringContaining('repo not in allowlist') });
    expect(await messages('schedule.failed')).toHaveLength(1);
  });

  test('is told when a detection does not end, or its record is gone, and the schedule goes on', async () => {
    const { id } = await create();
    await makeDue();
    await round(replica);
    await world.sql(`update schedules set last_started_at = now() - interval '7 hours'`);
    for (let turn = 0; turn < 3; turn += 1) {
      await makeDue();
      await round(replica);
    }
    expect(await messages('schedule.failed')).toMatchObject([
      { scheduleId: id, reason: expect.stringMatching(/^detection \S+ still runs, since/) },
    ]);
    await world.sql('delete from detections');
    await round(replica);
    expect(await read(id)).toMatchObject({ problem: 'its detection is gone', failures: 4 });
    await makeDue();
    await round(replica);
    expect(await detections()).toHaveLength(1);
  });

  test('that passes by itself loses no turn and bothers nobody', async () => {
    const { id } = await create();
    world.around.refuse = new AppError('UNAVAILABLE', 'projects is away');
    await makeDue();
    await round(replica);
    world.around.refuse = undefined;
    await world.sql(`update schedules set starting_until = now() - interval '1 second'`);
    await round(other);
    expect(await detections()).toHaveLength(1);
    expect(await read(id)).toMatchObject({ failures: 0, problem: null });
    expect(await messages('schedule.failed')).toEqual([]);
  });
});

describe('schedules', () => {
  test('are refused with what is wrong with them', async () => {
    const cron = (line: string, timeZone = 'UTC') => create({ cadence: { kind: 'cron', cron: line, timeZone } });
    await expect(cron('* * * * * *')).rejects.toMatchObject({ code: 'INVALID' });
    await expect(cron('0 0 30 2 *')).rejects.toThrow('never comes to a turn');
    await expect(cron('0 3 * * *', 'Mars/Olympus')).rejects.toThrow('is not a time zone');
    world.around.refuse = new AppError('FORBIDDEN', 'repo not in allowlist');
    await expect(create()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(replica.get(UpdateSchedule).update({ scheduleId: crypto.randomUUID() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('come in pages in the order of their creation', async () => {
    const names = ['a', 'b', 'c'];
    for (const name of names) await create({ name });
    const rows = await replica.get(ScheduleRepository).page({ repository: 'Acme/Infra', after: null, limit: 2 });
    const rest = await replica.get(ScheduleRepository).page({
      repository: 'github.com/acme/infra',
      after: rows.at(-1)?.number ?? null,
      limit: 2,
    });
    expect([...rows, ...rest].map(({ name }) => name)).toEqual(names);
    expect(await replica.get(ScheduleRepository).page({ repository: 'acme/other', after: null, limit: 2 })).toEqual([]);
  });

  test('can be triggered, paused or not; again while it runs is a conflict, and the same key the same detection', async () => {
    const { id } = await create({ state: 'paused' });
    const trigger = (idempotencyKey: string | null) =>
      replica.get(TriggerSchedule).trigger({ scheduleId: id, user: 'ada', idempotencyKey });
    const first = await trigger('key-1');
    expect(await trigger('key-1')).toMatchObject({ detectionId: first.detectionId });
    await expect(trigger(null)).rejects.toMatchObject({ code: 'CONFLICT' });
    await endDetections('success');
    await round(replica);
    expect((await trigger(null)).detectionId).not.toBe(first.detectionId);
    expect(await detections()).toHaveLength(2);
  });
});
