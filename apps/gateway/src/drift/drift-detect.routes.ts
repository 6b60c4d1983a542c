import { AtlantisDetection, AtlantisDetections, AtlantisDetectRequest, DetectionStatus } from '@terramesh/contracts';
import { z } from 'zod';
import { asyncHeaders } from '../http/async-headers.js';
import type { RouteDeclaration } from '../http/route.js';

export const DetectionParams = z.object({ id: z.uuid() });

export const DetectionsQuery = z.object({
  repository: z.string().min(1).max(512).optional().describe('Only of this repository.'),
  status: DetectionStatus.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(255).optional().describe('`next` of the page before.'),
});

const AcceptedDetection = z.object({ id: z.uuid() }).meta({ id: 'AcceptedDetection' });

const headers = asyncHeaders('detection');

const outages = ['UNAVAILABLE', 'TIMEOUT'] as const;
const shared = { tag: 'Drift' } as const;

export const detectionRoutes = {
  detect: {
    ...shared,
    method: 'POST',
    path: '/api/drift/detect',
    access: 'token',
    summary: 'Look for drift of projects, or of every project of a ref, and wait for the result',
    headers,
    body: AtlantisDetectRequest,
    responses: {
      200: { description: 'Every project, or some, could be checked.', schema: AtlantisDetection },
      202: { description: 'Accepted; `Location` says where to ask for it.', schema: AcceptedDetection },
      500: {
        description: 'No project could be checked: the same body as 200. Any other failure: `{"error":…}`.',
        schema: AtlantisDetection,
      },
    },
    errors: ['INVALID', 'FORBIDDEN', 'CONFLICT', 'TOO_LARGE', ...outages],
  },
  list: {
    ...shared,
    method: 'GET',
    path: '/api/drift/detections',
    access: 'read',
    summary: 'List detections, newest first, without their projects',
    query: DetectionsQuery,
    responses: { 200: { description: 'One page.', schema: AtlantisDetections } },
    errors: ['INVALID', ...outages],
  },
  get: {
    ...shared,
    method: 'GET',
    path: '/api/drift/detections/:id',
    access: 'read',
    summary: 'Get a detection, also while it goes on',
    params: DetectionParams,
    responses: { 200: { description: 'The detection.', schema: AtlantisDetection } },
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
} as const satisfies Record<string, RouteDeclaration>;
