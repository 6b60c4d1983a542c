import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

const Services = z.object({ 'tfe.v2': z.string(), 'tfe.v2.1': z.string(), 'tfe.v2.2': z.string() });

export const discoveryRoutes = {
  discover: {
    method: 'GET',
    path: '/.well-known/terraform.json',
    access: 'public',
    tag: 'TFE: service',
    summary: "What Terraform's clients find here",
    responses: { 200: { description: 'The services, and where they are.', schema: Services } },
  },
  ping: {
    method: 'GET',
    path: '/api/v2/ping',
    access: 'tfe-public',
    tag: 'TFE: service',
    summary: 'Whether the API is there, and how many requests a second it takes',
    responses: { 204: { description: 'It is.' } },
  },
} as const satisfies Record<string, RouteDeclaration>;
