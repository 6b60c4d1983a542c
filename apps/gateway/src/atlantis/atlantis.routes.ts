import { AtlantisRunRequest, AtlantisRunResult, RunId } from '@terramesh/contracts';
import { z } from 'zod';
import { asyncHeaders } from '../http/async-headers.js';
import type { RouteDeclaration } from '../http/route.js';

const AcceptedRun = z.object({ id: RunId }).meta({ id: 'AcceptedRun' });

const headers = asyncHeaders('run');

const shared = {
  method: 'POST',
  access: 'token',
  tag: 'Atlantis',
  headers,
  body: AtlantisRunRequest,
  responses: {
    200: { description: 'Every project succeeded.', schema: AtlantisRunResult },
    202: { description: 'Accepted; `Location` says where to ask for it.', schema: AcceptedRun },
    500: {
      description: 'A project failed: the same body as 200. Any other failure: `{"error":…}`.',
      schema: AtlantisRunResult,
    },
  },
  errors: ['INVALID', 'FORBIDDEN', 'CONFLICT', 'TOO_LARGE', 'UNAVAILABLE', 'TIMEOUT'],
} as const;

export const atlantisRoutes = {
  plan: { ...shared, path: '/api/plan', summary: 'Plan projects of a repository and wait for the result' },
  apply: { ...shared, path: '/api/apply', summary: 'Plan and apply projects of a repository and wait for the result' },
} satisfies Record<string, RouteDeclaration>;
