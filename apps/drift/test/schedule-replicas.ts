// Two replicas with the schedules of a test: made, due, and what became of their turns.
import { afterEach, beforeEach } from '@jest/globals';
import type { driftSchedules, ParsedInput } from '@terramesh/contracts';
import { ScheduleRepository } from '../src/persistence/schedule.repository.js';
import { scheduleOf } from '../src/persistence/schedule-row.js';
import { CreateSchedule } from '../src/schedules/create-schedule.js';
import { Scheduler } from '../src/schedules/scheduler.js';
import { type DriftReplicas, type Replica, startDriftReplicas } from './drift-replicas.js';

export const wanted: ParsedInput<typeof driftSchedules.create> = {
  type: 'Github',
  repository: 'acme/infra',
  ref: 'main',
  name: 'nachts – große Runde',
  owner: 'team-net',
  projects: [],
  paths: [],
  cadence: { kind: 'interval', seconds: 60 },
  jitterSeconds: null,
  followUp: 'nothing',
  state: 'active',
};

export let world: DriftReplicas;
export let replica: Replica;
export let other: Replica;

/** For all tests of the file: two replicas and no schedule when a test begins. */
export function useScheduleReplicas(): void {
  beforeEach(async () => {
    world = await startDriftReplicas();
    [replica, other] = [await world.add(), await world.add()];
  });
  afterEach(() => world.stop());
}

export const create = (more: Partial<typeof wanted> = {}) => replica.get(CreateSchedule).create({ ...wanted, ...more });
export const read = async (id: string) => scheduleOf(await replica.get(ScheduleRepository).get(id));
export const round = (of: Replica) => of.get(Scheduler).round();
export const makeDue = (seconds = 0) =>
  world.sql(`update schedules set next_run_at = now() - $1 * interval '1 second'`, [seconds]);
export const detections = () =>
  world.sql<{ id: string; schedule_id: string; follow_up: string; idempotency_key: string }>(
    'select * from detections order by number',
  );
export const messages = async (kind: string) =>
  (await world.sql<{ message: Record<string, unknown> }>('select message from messages where kind = $1', [kind])).map(
    ({ message }) => message,
  );
export const endDetections = (status: string, error: string | null = null) =>
  world.sql('update detections set status = $1, error = $2, completed_at = now() where completed_at is null', [
    status,
    error,
  ]);
