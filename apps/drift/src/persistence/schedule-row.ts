import type { DetectionStatus, Schedule, StartRun } from '@terramesh/contracts';
import { placeOf, type Timing } from '../schedules/cadence.js';

/** A row of `schedules`, and the time at which it was read. */
export interface ScheduleRow {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly owner: string;
  readonly type: Schedule['type'];
  readonly hostname: string;
  readonly repository: string;
  readonly ref: string;
  readonly projects: StartRun['projects'];
  readonly paths: StartRun['paths'];
  readonly cron: string | null;
  readonly time_zone: string;
  readonly interval_seconds: number | null;
  readonly jitter_seconds: number | null;
  readonly follow_up: Schedule['followUp'];
  readonly state: Schedule['state'];
  readonly next_run_at: Date;
  /** A turn that was taken and whose detection may not be there yet. */
  readonly starting_turn: Date | null;
  readonly last_detection_id: string | null;
  readonly last_started_at: Date | null;
  readonly last_status: DetectionStatus | null;
  readonly missed: number;
  readonly skipped: number;
  readonly failures: number;
  readonly problem: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly read_at: Date;
}

/** The part that people may set. */
export type ScheduleSettings = Pick<
  Schedule,
  'name' | 'owner' | 'ref' | 'projects' | 'paths' | 'cadence' | 'jitterSeconds' | 'followUp' | 'state'
>;

export function timingOf(row: ScheduleRow): Timing {
  return { cadence: cadenceOf(row), jitterSeconds: row.jitter_seconds, place: placeOf(Number(row.number)) };
}

export function settingsOf(row: ScheduleRow): ScheduleSettings {
  const { name, owner, ref, projects, paths, follow_up: followUp, state } = row;
  return {
    name,
    owner,
    ref,
    projects,
    paths,
    cadence: cadenceOf(row),
    jitterSeconds: row.jitter_seconds,
    followUp,
    state,
  };
}

export function scheduleOf(row: ScheduleRow): Schedule {
  const { last_detection_id: detectionId, last_status: status, last_started_at: at } = row;
  return {
    ...settingsOf(row),
    id: row.id,
    type: row.type,
    hostname: row.hostname,
    repository: row.repository,
    nextRunAt: row.state === 'paused' ? null : row.next_run_at.toISOString(),
    lastRun: detectionId && status && at ? { detectionId, status, at: at.toISOString() } : null,
    missed: row.missed,
    skipped: row.skipped,
    failures: row.failures,
    problem: row.problem,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** Columns for what people may set. */
export function columnsOf(settings: ScheduleSettings): Record<string, unknown> {
  const { cadence } = settings;
  return {
    name: settings.name,
    owner: settings.owner,
    ref: settings.ref,
    projects: JSON.stringify(settings.projects),
    paths: JSON.stringify(settings.paths),
    cron: cadence.kind === 'cron' ? cadence.cron : null,
    time_zone: cadence.kind === 'cron' ? cadence.timeZone : 'UTC',
    interval_seconds: cadence.kind === 'interval' ? cadence.seconds : null,
    jitter_seconds: settings.jitterSeconds,
    follow_up: settings.followUp,
    state: settings.state,
  };
}

function cadenceOf(row: ScheduleRow): Schedule['cadence'] {
  if (row.cron !== null) return { kind: 'cron', cron: row.cron, timeZone: row.time_zone };
  return { kind: 'interval', seconds: row.interval_seconds ?? 0 };
}
