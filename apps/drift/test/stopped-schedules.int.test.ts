import { describe, expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { DriftContext } from '../src/context.js';
import { followUpNow } from '../src/persistence/follow-up.js';
import { ScheduleRepository } from '../src/persistence/schedule.repository.js';
import { planRemediation } from '../src/remediations/plan-remediation.js';
import { TriggerSchedule } from '../src/schedules/trigger-schedule.js';
import { UpdateSchedule } from '../src/schedules/update-schedule.js';
import {
  create,
  detections,
  endDetections,
  makeDue,
  other,
  replica,
  round,
  useScheduleReplicas,
  world,
} from './schedule-replicas.js';

useScheduleReplicas();

describe('a schedule that is stopped', () => {
  const followUp = async (id: string) => {
    const context = replica.get(DriftContext);
    return context.transaction((tx) => followUpNow(tx, id));
  };
  const started = async (scheduleId: string) => {
    await makeDue();
    await round(replica);
    return (await detections()).filter((detection) => detection.schedule_id === scheduleId).at(-1)?.id ?? '';
  };

  test('does not start a turn that was taken before, also not after its pause', async () => {
    const { id } = await create({ followUp: 'apply' });
    await makeDue();
    world.around.refuse = new AppError('UNAVAILABLE', 'projects is away');
    await round(replica);
    await replica.get(UpdateSchedule).update({ scheduleId: id, state: 'paused' });
    world.around.refuse = undefined;
    await world.sql(
      `update schedules set starting_until = now() - interval '1 second' where starting_turn is not null`,
    );
    await round(other);
    await replica.get(UpdateSchedule).update({ scheduleId: id, state: 'active' });
    await round(other);
    expect(await detections()).toEqual([]);
  });

  test('puts nothing right any more, though its detection has begun', async () => {
    const [paused, deleted, milder, same] = await Promise.all([1, 2, 3, 4].map(() => create({ followUp: 'apply' })));
    if (!paused || !deleted || !milder || !same) throw new Error('not created');
    const ids: string[] = [];
    for (const { id } of [paused, deleted, milder, same]) ids.push(await started(id));
    expect(await Promise.all(ids.map(followUp))).toEqual(['apply', 'apply', 'apply', 'apply']);
    await replica.get(UpdateSchedule).update({ scheduleId: paused.id, state: 'paused' });
    await replica.get(ScheduleRepository).delete(deleted.id);
    await replica.get(UpdateSchedule).update({ scheduleId: milder.id, followUp: 'plan' });
    expect(await Promise.all(ids.map(followUp))).toEqual(['nothing', 'nothing', 'plan', 'apply']);
    const remediate = (id: string) => {
      const context = replica.get(DriftContext);
      const of = { type: 'Github', hostname: 'github.com', repository: 'acme/infra', ref: 'main' } as const;
      const detection = { ...of, id, runId: 'run-x', commit: null, followUp: 'apply' as const };
      const path = { directory: id, terraformWorkspace: 'default', name: '' };
      const target = { ...path, drift: null, commit: null, checkedAt: new Date() };
      return context.transaction((tx) => planRemediation(tx, { detection, targets: [target] }, context));
    };
    const planned = [];
    for (const id of ids) planned.push(await remediate(id));
    const actions = await world.sql<{ id: string; action: string }>('select id, action from remediations');
    expect(planned.map((one) => actions.find(({ id }) => id === one)?.action)).toEqual([
      undefined,
      undefined,
      'plan',
      'apply',
    ]);
    // One that somebody triggers in the pause does what it is for.
    await endDetections('success');
    await round(replica);
    const { detectionId } = await replica
      .get(TriggerSchedule)
      .trigger({ scheduleId: paused.id, user: 'ada', idempotencyKey: null });
    expect(await followUp(detectionId)).toBe('apply');
  });
});
