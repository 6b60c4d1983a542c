import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

const shared = {
  path: '/trpc/:procedure',
  // Credentials are checked by the controller, which answers in tRPC's own shape.
  access: 'public',
  mediaType: 'as-sent',
  tag: 'tRPC',
  params: z.object({ procedure: z.string() }),
  responses: { 200: { description: "tRPC's own envelope; use the typed client (@terramesh/client)." } },
} as const;

export const trpcRoutes = {
  query: { ...shared, method: 'GET', summary: 'Call a tRPC query' },
  mutation: { ...shared, method: 'POST', summary: 'Call a tRPC mutation or a batch' },
} as const satisfies Record<string, RouteDeclaration>;
