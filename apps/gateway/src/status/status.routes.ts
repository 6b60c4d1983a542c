import { AtlantisHealth, AtlantisStatus, AtlantisUnhealthy } from '@terramesh/contracts';
import type { RouteDeclaration } from '../http/route.js';

const shared = { method: 'GET', access: 'public', tag: 'Health' } as const;

export const statusRoutes = {
  status: {
    ...shared,
    path: '/status',
    summary: 'How many runs are in progress, and whether this server is shutting down',
    responses: { 200: { description: 'The status.', schema: AtlantisStatus } },
    errors: ['UNAVAILABLE', 'TIMEOUT'],
  },
  healthz: {
    ...shared,
    path: '/healthz',
    summary: 'Whether this process is alive',
    responses: { 200: { description: 'It is.', schema: AtlantisHealth } },
  },
  readyz: {
    ...shared,
    path: '/readyz',
    summary: 'Whether this server can serve: the services behind it answer, and it is not shutting down',
    responses: {
      200: { description: 'It can.', schema: AtlantisHealth },
      503: { description: 'It cannot, and why.', schema: AtlantisUnhealthy },
    },
  },
} as const satisfies Record<string, RouteDeclaration>;
