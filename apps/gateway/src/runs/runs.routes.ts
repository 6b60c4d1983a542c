import { Run, RunId, RunStatus, RunSummary } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

export const RunParams = z.object({ id: RunId });

export const RunsQuery = z.object({
  repository: z.string().max(512).optional(),
  status: RunStatus.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(255).optional().describe('`next` of the page before.'),
});

const LineNumber = z.coerce.number().int().nonnegative();

export const LogsQuery = z.object({
  after: LineNumber.default(0).describe('Start after this line number.'),
  follow: z.enum(['true', 'false']).default('false').describe('Plain text only: go on until the run ends.'),
});

export const LogsHeaders = z.object({
  Accept: z.string().optional().describe('`text/event-stream` for events, else plain text.'),
  'Last-Event-ID': LineNumber.optional().describe('Start after this line number; stronger than `after`.'),
});

const RunsPage = z.object({ runs: z.array(RunSummary), next: z.string().nullable() }).meta({ id: 'RunsPage' });

const shared = { access: 'token', tag: 'Runs' } as const;

export const runRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/runs',
    summary: 'List runs, newest first',
    query: RunsQuery,
    responses: { 200: { description: 'One page.', schema: RunsPage } },
    errors: ['INVALID', 'UNAVAILABLE', 'TIMEOUT'],
  },
  get: {
    ...shared,
    method: 'GET',
    path: '/api/runs/:id',
    summary: 'Get a run with its executions',
    params: RunParams,
    responses: { 200: { description: 'The run.', schema: Run } },
    errors: ['INVALID', 'NOT_FOUND', 'UNAVAILABLE', 'TIMEOUT'],
  },
  cancel: {
    ...shared,
    method: 'POST',
    path: '/api/runs/:id/cancel',
    summary: 'Ask a run to stop; nothing happens when it is finished',
    params: RunParams,
    responses: { 200: { description: 'The run, now with `cancelRequestedAt`.', schema: RunSummary } },
    errors: ['INVALID', 'NOT_FOUND', 'UNAVAILABLE', 'TIMEOUT'],
  },
  logs: {
    ...shared,
    method: 'GET',
    path: '/api/runs/:id/logs',
    summary: 'Read or follow the log of a run',
    params: RunParams,
    query: LogsQuery,
    headers: LogsHeaders,
    responses: {
      200: {
        description:
          'With `Accept: text/event-stream` one event per line (id: its number, data: a LogLine) until an `end` event; else the lines as text.',
        contentType: 'text/event-stream',
      },
    },
    errors: ['INVALID', 'NOT_FOUND', 'UNAVAILABLE', 'TIMEOUT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
