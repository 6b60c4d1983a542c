import { AtlantisDriftStatus } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

export const DriftStatusQuery = z.object({
  repository: z
    .string('repository parameter is required')
    .min(1, 'repository parameter is required')
    .max(512)
    .describe('`owner/name`.'),
  project: z.string().max(255).optional().describe('Only projects with this name.'),
  workspace: z.string().max(255).optional().describe('Only projects in this Terraform workspace.'),
});

export const driftStatusRoutes = {
  status: {
    method: 'GET',
    path: '/api/drift/status',
    access: 'read',
    tag: 'Drift',
    summary: 'What the newest plans without a pull request said of a repository',
    query: DriftStatusQuery,
    responses: { 200: { description: 'Also of a repository that nobody knows.', schema: AtlantisDriftStatus } },
    errors: ['INVALID', 'TOO_LARGE', 'UNAVAILABLE', 'TIMEOUT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
