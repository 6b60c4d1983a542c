import type { RouteDeclaration } from '../http/route.js';

export const openApiRoutes = {
  document: {
    method: 'GET',
    path: '/openapi.json',
    access: 'public',
    tag: 'Documentation',
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1.', contentType: 'application/json' } },
  },
} as const satisfies Record<string, RouteDeclaration>;
