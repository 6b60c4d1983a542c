// Schedules on the wire ⇄ the contract's: snake_case, and a cron line or an interval side by side.
import { AppError, type driftSchedules, type OperationInput, type Schedule } from '@terramesh/contracts';
import type { z } from 'zod';
import { canonicalType, parseJson } from '../http/json-body.js';
import { parseInput } from '../http/parse.js';
import { type ScheduleAnswer, ScheduleChanges, ScheduleRequest } from './drift-schedules.routes.js';

type NewSchedule = OperationInput<typeof driftSchedules.create>;
type Changes = Omit<OperationInput<typeof driftSchedules.update>, 'scheduleId'>;
type Sent = z.infer<typeof ScheduleChanges>;

/** Throws INVALID that names every problem. */
export function decodeNewSchedule(body: unknown): NewSchedule {
  const json = parseBody(body);
  const isObject = typeof json === 'object' && json !== null && 'type' in json && typeof json.type === 'string';
  const sent = parseInput(ScheduleRequest, isObject ? { ...json, type: canonicalType(String(json.type)) } : json);
  const cadence = cadenceOf(sent);
  if (cadence === undefined) throw new AppError('INVALID', 'cron or interval_seconds is missing');
  return {
    type: sent.type,
    repository: sent.repository,
    name: sent.name ?? '',
    owner: sent.owner ?? '',
    ref: sent.ref,
    projects: sent.projects ?? [],
    paths: sent.paths ?? [],
    cadence,
    jitterSeconds: sent.jitter_seconds ?? null,
    followUp: sent.then ?? 'nothing',
    state: sent.paused ? 'paused' : 'active',
  };
}

/** Throws INVALID that names every problem. */
export function decodeScheduleChanges(body: unknown): Changes {
  const sent = parseInput(ScheduleChanges, parseBody(body));
  const { name, owner, ref, projects, paths, jitter_seconds: jitterSeconds, then: followUp, paused } = sent;
  const state = paused === undefined ? undefined : paused ? 'paused' : 'active';
  return { name, owner, ref, projects, paths, cadence: cadenceOf(sent), jitterSeconds, followUp, state };
}

export function encodeSchedule(schedule: Schedule): ScheduleAnswer {
  const { cadence, lastRun } = schedule;
  return {
    id: schedule.id,
    name: schedule.name,
    owner: schedule.owner,
    type: schedule.type,
    hostname: schedule.hostname,
    repository: schedule.repository,
    ref: schedule.ref,
    projects: schedule.projects,
    paths: schedule.paths,
    cron: cadence.kind === 'cron' ? cadence.cron : null,
    time_zone: cadence.kind === 'cron' ? cadence.timeZone : null,
    interval_seconds: cadence.kind === 'interval' ? cadence.seconds : null,
    jitter_seconds: schedule.jitterSeconds,
    // biome-ignore lint/suspicious/noThenProperty: the wire's word; a string is not thenable
    then: schedule.followUp,
    paused: schedule.state === 'paused',
    next_run_at: schedule.nextRunAt,
    last_run: lastRun && { detection_id: lastRun.detectionId, status: lastRun.status, at: lastRun.at },
    missed: schedule.missed,
    skipped: schedule.skipped,
    failures: schedule.failures,
    problem: schedule.problem,
    created_at: schedule.createdAt,
    updated_at: schedule.updatedAt,
  };
}

function cadenceOf({ cron, interval_seconds: seconds, time_zone: timeZone }: Sent): NewSchedule['cadence'] | undefined {
  if (cron != null && seconds != null) {
    throw new AppError('INVALID', 'cron and interval_seconds cannot both be set');
  }
  if (cron == null && timeZone != null) throw new AppError('INVALID', 'time_zone goes with cron');
  if (cron != null) return { kind: 'cron', cron, timeZone: timeZone ?? 'UTC' };
  return seconds == null ? undefined : { kind: 'interval', seconds };
}

function parseBody(body: unknown): unknown {
  return parseJson(Buffer.isBuffer(body) ? body.toString('utf8') : '');
}
