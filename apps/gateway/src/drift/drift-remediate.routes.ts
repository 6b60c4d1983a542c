import { AtlantisRemediateRequest, AtlantisRemediation, AtlantisRemediations } from '@terramesh/contracts';
import { z } from 'zod';
import { asyncHeaders } from '../http/async-headers.js';
import type { RouteDeclaration } from '../http/route.js';
import { WireBreaker } from './drift-breaker.codec.js';

const maxListed = 100;

export const RemediationParams = z.object({ id: z.uuid() });

export const RemediationsQuery = z.object({
  repository: z.string().min(1).max(512).optional().describe('Only of this repository.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .default(10)
    .transform((limit) => Math.min(limit, maxListed))
    .describe('At most 100.'),
});

export const RemediationQuery = z.object({
  repository: z.string().max(512).optional().describe('404 when the remediation is of another repository.'),
});

const AcceptedRemediation = z.object({ id: z.uuid() }).meta({ id: 'AcceptedRemediation' });

const headers = asyncHeaders('remediation');

const outages = ['UNAVAILABLE', 'TIMEOUT'] as const;
const shared = { tag: 'Drift' } as const;

export const remediationRoutes = {
  remediate: {
    ...shared,
    method: 'POST',
    path: '/api/drift/remediate',
    access: 'token',
    summary: 'Plan or apply projects that have drifted and wait for the result',
    headers,
    body: AtlantisRemediateRequest,
    responses: {
      200: { description: 'Every project, or some, succeeded.', schema: AtlantisRemediation },
      202: { description: 'Accepted; `Location` says where to ask for it.', schema: AcceptedRemediation },
      500: {
        description: 'Every project failed: the same body as 200. Any other failure: `{"error":…}`.',
        schema: AtlantisRemediation,
      },
    },
    errors: ['INVALID', 'FORBIDDEN', 'CONFLICT', 'TOO_LARGE', ...outages],
  },
  list: {
    ...shared,
    method: 'GET',
    path: '/api/drift/remediate',
    access: 'read',
    summary: 'List remediations, newest first, without what Terraform printed',
    query: RemediationsQuery,
    responses: { 200: { description: 'The newest.', schema: AtlantisRemediations } },
    errors: ['INVALID', ...outages],
  },
  get: {
    ...shared,
    method: 'GET',
    path: '/api/drift/remediate/:id',
    access: 'read',
    summary: 'Get a remediation, also while it goes on',
    params: RemediationParams,
    query: RemediationQuery,
    responses: { 200: { description: 'The remediation.', schema: AtlantisRemediation } },
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
  getBreaker: {
    ...shared,
    method: 'GET',
    path: '/api/drift/breaker',
    access: 'read',
    summary: 'See whether so much drifted at once that nothing is applied',
    responses: { 200: { description: 'The breaker.', schema: WireBreaker } },
    errors: [...outages],
  },
  closeBreaker: {
    ...shared,
    method: 'POST',
    path: '/api/drift/breaker/close',
    access: 'token',
    summary: 'Let remediations apply again; nothing happens when it is closed',
    responses: { 200: { description: 'The breaker, closed.', schema: WireBreaker } },
    errors: [...outages],
  },
} as const satisfies Record<string, RouteDeclaration>;
