// Served by apps/drift: when to look for drift.
import { z } from 'zod';
import { operation } from '../operation.js';
import { StartRun } from '../start-run.js';
import { Repository, VcsType } from '../targets.js';
import { FollowUp } from './detections.js';

const Timestamp = z.iso.datetime({ offset: true });
const Line = StartRun.shape.user;

export const ScheduleId = z.uuid('not the id of a schedule');

/** Whether a cron line is one, and whether it ever comes to a turn, is for the service to say. */
export const ScheduleCadence = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('cron'), cron: z.string().max(255), timeZone: z.string().max(64) }),
    /** A day's multiples start at midnight UTC. */
    z.object({ kind: z.literal('interval'), seconds: z.int() }),
  ])
  .meta({ id: 'ScheduleCadence' });
export type ScheduleCadence = z.infer<typeof ScheduleCadence>;

const changeable = {
  name: Line,
  owner: Line,
  ref: StartRun.shape.ref,
  /** With `paths` empty too: every target of the repository. */
  projects: StartRun.shape.projects.unwrap(),
  paths: StartRun.shape.paths.unwrap(),
  cadence: ScheduleCadence,
  /** Over how many seconds schedules of the same cadence are spread; null for all of it, or a minute for a cron line. */
  jitterSeconds: z.int().nullable(),
  followUp: FollowUp,
  state: z.enum(['active', 'paused']),
};

export const Schedule = z
  .object({
    ...changeable,
    id: ScheduleId,
    type: VcsType,
    ...Repository.shape,
    /** Null while it is paused. */
    nextRunAt: Timestamp.nullable(),
    lastRun: z.object({ detectionId: z.uuid(), status: z.string(), at: Timestamp }).nullable(),
    /** Turns that passed while nobody was there to take them. */
    missed: z.int().nonnegative(),
    /** Turns left out because the detection before still ran. */
    skipped: z.int().nonnegative(),
    /** In a row; turns come less often while it is not 0. */
    failures: z.int().nonnegative(),
    problem: z.string().nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof Schedule>;

const One = z.object({ scheduleId: ScheduleId });

export const driftSchedules = {
  /** INVALID (a cadence that is none, a ref or a repository that cannot be one), FORBIDDEN (allowlist), CONFLICT (too many). */
  create: operation({
    subject: 'drift.create-schedule',
    input: z.object({ ...changeable, type: VcsType, repository: z.string().min(1).max(512) }),
    output: Schedule,
  }),
  /**
   * In the order of their creation. `after` is `next` of the page before; a page is shorter than `limit` when it would not
   * fit a message. INVALID for an `after` that is none.
   */
  list: operation({
    subject: 'drift.list-schedules',
    input: z.object({
      repository: z.string().max(512).nullable().default(null),
      after: z
        .string()
        .regex(/^\d{1,18}$/, 'is not the end of a page')
        .nullable()
        .default(null),
      limit: z.int().min(1).max(100).default(20),
    }),
    output: z.object({ schedules: z.array(Schedule), next: z.string().nullable() }),
    idempotent: true,
  }),
  /** NOT_FOUND. */
  get: operation({ subject: 'drift.get-schedule', input: One, output: Schedule, idempotent: true }),
  /** Changes what is given; the next turn is counted from now. INVALID, NOT_FOUND. */
  update: operation({
    subject: 'drift.update-schedule',
    input: One.extend(z.object(changeable).partial().shape),
    output: Schedule,
  }),
  /** Its detections and their records stay. NOT_FOUND. */
  delete: operation({ subject: 'drift.delete-schedule', input: One, output: z.object({}) }),
  /**
   * One turn now, paused or not. The same key gives the same detection. NOT_FOUND; CONFLICT while its last detection still
   * runs; else what starting a detection may say.
   */
  trigger: operation({
    subject: 'drift.trigger-schedule',
    input: One.extend({ user: Line.default(''), idempotencyKey: StartRun.shape.idempotencyKey }),
    output: z.object({ detectionId: z.uuid(), runId: z.string().nullable() }),
    timeoutMs: 20_000,
  }),
};
