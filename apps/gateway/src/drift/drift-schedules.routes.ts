import { FollowUp, ScheduleId, StartRun, VcsType } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

const Timestamp = z.iso.datetime({ offset: true });
const Line = StartRun.shape.user.unwrap();
const Paths = z
  .array(
    z.strictObject({
      directory: z.string().max(1024).default(''),
      workspace: z.string().max(90).default(''),
    }),
  )
  .max(1000);

const changeable = {
  name: Line.optional(),
  owner: Line.optional().describe('Whom to ask about it.'),
  ref: StartRun.shape.ref.optional(),
  projects: z.array(z.string().min(1).max(255)).max(1000).optional(),
  paths: Paths.optional().describe('Without projects and paths every target of the ref is looked at.'),
  cron: z.string().max(255).nullish().describe('Five fields: minute, hour, day of month, month, day of week.'),
  time_zone: z.string().max(64).nullish().describe('Of the cron line; UTC when absent.'),
  interval_seconds: z.int().nullish().describe('Instead of a cron line; at least 60.'),
  jitter_seconds: z
    .int()
    .nullable()
    .optional()
    .describe('Over how long the starts of schedules are spread; null: the whole interval, or a minute with cron.'),
  // biome-ignore lint/suspicious/noThenProperty: the wire's word; a schema is not thenable
  then: FollowUp.optional().describe('What follows when drift is found; `nothing` when absent.'),
  paused: z.boolean().optional(),
};

export const ScheduleChanges = z.strictObject(changeable).meta({ id: 'DriftScheduleChanges' });

export const ScheduleRequest = z
  .strictObject({
    ...changeable,
    type: z.enum(VcsType.options, {
      error: (issue) => `${JSON.stringify(issue.input)} is not a valid type, use ${VcsType.options.join(', ')}`,
    }),
    repository: z.string().min(1).max(512),
    ref: StartRun.shape.ref,
  })
  .meta({ id: 'DriftScheduleRequest' });

const ScheduleAnswer = z
  .object({
    id: ScheduleId,
    name: z.string(),
    owner: z.string(),
    type: VcsType,
    hostname: z.string(),
    repository: z.string(),
    ref: z.string(),
    projects: z.array(z.string()),
    paths: z.array(z.object({ directory: z.string(), workspace: z.string() })),
    cron: z.string().nullable(),
    time_zone: z.string().nullable(),
    interval_seconds: z.int().nullable(),
    jitter_seconds: z.int().nullable(),
    // biome-ignore lint/suspicious/noThenProperty: the wire's word; a schema is not thenable
    then: FollowUp,
    paused: z.boolean(),
    next_run_at: Timestamp.nullable(),
    last_run: z.object({ detection_id: z.uuid(), status: z.string(), at: Timestamp }).nullable(),
    missed: z.int().describe('Turns that passed while nobody was there to take them.'),
    skipped: z.int().describe('Turns left out because the detection before still ran.'),
    failures: z.int().describe('In a row; turns come less often while it is not 0.'),
    problem: z.string().nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'DriftSchedule' });
export type ScheduleAnswer = z.infer<typeof ScheduleAnswer>;

export const ScheduleParams = z.object({ id: ScheduleId });

export const SchedulesQuery = z.object({
  repository: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(32).optional().describe('`next` of the page before.'),
});

const outages = ['UNAVAILABLE', 'TIMEOUT'] as const;
const one = ['INVALID', 'NOT_FOUND', ...outages] as const;
const shared = { tag: 'Drift' } as const;
const path = '/api/drift/schedules';

export const scheduleRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path,
    access: 'read',
    summary: 'List the schedules of drift detection, in the order of their creation',
    query: SchedulesQuery,
    responses: {
      200: {
        description: 'One page.',
        schema: z.object({ schedules: z.array(ScheduleAnswer), next: z.string().nullable() }),
      },
    },
    errors: ['INVALID', ...outages],
  },
  create: {
    ...shared,
    method: 'POST',
    path,
    access: 'token',
    summary: 'Look for drift at set times',
    body: ScheduleRequest,
    responses: { 201: { description: 'The schedule; `Location` is its own.', schema: ScheduleAnswer } },
    errors: ['INVALID', 'FORBIDDEN', 'CONFLICT', 'TOO_LARGE', ...outages],
  },
  get: {
    ...shared,
    method: 'GET',
    path: `${path}/:id`,
    access: 'read',
    summary: 'Get a schedule',
    params: ScheduleParams,
    responses: { 200: { description: 'The schedule.', schema: ScheduleAnswer } },
    errors: one,
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: `${path}/:id`,
    access: 'token',
    summary: 'Change, pause or resume a schedule',
    params: ScheduleParams,
    body: ScheduleChanges,
    responses: { 200: { description: 'The schedule as it is now.', schema: ScheduleAnswer } },
    errors: [...one, 'FORBIDDEN', 'TOO_LARGE'],
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: `${path}/:id`,
    access: 'token',
    summary: 'Delete a schedule; what it found stays',
    params: ScheduleParams,
    responses: { 204: { description: 'Deleted.' } },
    errors: one,
  },
  trigger: {
    ...shared,
    method: 'POST',
    path: `${path}/:id/trigger`,
    access: 'token',
    summary: 'One turn of a schedule now',
    params: ScheduleParams,
    headers: z.object({
      'Idempotency-Key': z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('The same key within 24 hours gives the same detection.'),
    }),
    responses: {
      202: {
        description: 'A detection was started; `Location` is its run, or the schedule while it has none.',
        schema: z.object({ id: z.uuid() }),
      },
    },
    errors: [...one, 'FORBIDDEN', 'CONFLICT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
