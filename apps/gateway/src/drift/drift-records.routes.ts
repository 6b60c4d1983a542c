import { DriftRecordStatus } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';
import {
  AcknowledgeRequest,
  DriftRecordBody,
  DriftRecordDetails,
  DriftRecordsPage,
  HistoryPage,
  OwnerRequest,
  SnoozeRequest,
} from './drift-records.schemas.js';

export const RecordParams = z.object({ id: z.uuid() });

const After = z.string().max(255).optional().describe('`next` of the page before.');

export const RecordsQuery = z.object({
  repository: z.string().min(1).max(512).optional(),
  ref: z.string().min(1).max(255).optional(),
  status: DriftRecordStatus.optional(),
  project: z.string().max(255).optional(),
  workspace: z.string().max(255).optional(),
  gone: z.enum(['true', 'false']).default('false').describe('Also what is no longer in its repository.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: After,
});

export const HistoryQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), after: After });

const outages = ['UNAVAILABLE', 'TIMEOUT'] as const;
const reads = { tag: 'Drift', method: 'GET', access: 'read' } as const;
const writes = {
  tag: 'Drift',
  access: 'token',
  params: RecordParams,
  responses: { 200: { description: 'The record as it is now.', schema: DriftRecordBody } },
} as const;

export const driftRecordRoutes = {
  list: {
    ...reads,
    path: '/api/drift/records',
    summary: 'List what is recorded of targets, by repository, ref, path and workspace',
    query: RecordsQuery,
    responses: { 200: { description: 'One page.', schema: DriftRecordsPage } },
    errors: ['INVALID', ...outages],
  },
  get: {
    ...reads,
    path: '/api/drift/records/:id',
    summary: 'Get a record with what drifted and its history',
    params: RecordParams,
    responses: { 200: { description: 'The record.', schema: DriftRecordDetails } },
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
  history: {
    ...reads,
    path: '/api/drift/records/:id/history',
    summary: 'List what happened to a record, newest first',
    params: RecordParams,
    query: HistoryQuery,
    responses: { 200: { description: 'One page.', schema: HistoryPage } },
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
  acknowledge: {
    ...writes,
    method: 'POST',
    path: '/api/drift/records/:id/acknowledge',
    summary: 'Keep this very drift silent until it changes',
    body: AcknowledgeRequest,
    errors: ['INVALID', 'NOT_FOUND', 'CONFLICT', 'TOO_LARGE', ...outages],
  },
  unacknowledge: {
    ...writes,
    method: 'DELETE',
    path: '/api/drift/records/:id/acknowledge',
    summary: 'Take an acknowledgement back',
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
  snooze: {
    ...writes,
    method: 'POST',
    path: '/api/drift/records/:id/snooze',
    summary: 'Hear nothing of a target for a while',
    body: SnoozeRequest,
    errors: ['INVALID', 'NOT_FOUND', 'TOO_LARGE', ...outages],
  },
  setOwner: {
    ...writes,
    method: 'PUT',
    path: '/api/drift/records/:id/owner',
    summary: 'Say who is asked about a target',
    body: OwnerRequest,
    errors: ['INVALID', 'NOT_FOUND', 'TOO_LARGE', ...outages],
  },
} as const satisfies Record<string, RouteDeclaration>;
