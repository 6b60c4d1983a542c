import type { RouteDeclaration } from '../http/route.js';

export const metricsRoutes = {
  text: {
    method: 'GET',
    path: '/metrics',
    access: 'token-or-basic',
    tag: 'Health',
    summary: 'Prometheus metrics of this process; 404 when they are off',
    responses: { 200: { description: "Prometheus' text format.", contentType: 'text/plain; charset=utf-8' } },
    errors: ['INVALID', 'NOT_FOUND'],
  },
} as const satisfies Record<string, RouteDeclaration>;
