import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

const maxProfileSeconds = 60;

export const ProfileQuery = z.object({
  seconds: z.coerce.number().int().min(1).max(maxProfileSeconds).default(30),
});

const shared = { method: 'GET', access: 'token-or-basic', tag: 'Profiling' } as const;
const profile = { description: 'A gzipped pprof protobuf.', contentType: 'application/octet-stream' } as const;

export const profilingRoutes = {
  index: {
    ...shared,
    path: '/debug/pprof',
    summary: 'List the profiles; every path here is 404 unless profiling is switched on',
    responses: { 200: { description: 'Links to the profiles.', contentType: 'text/html; charset=utf-8' } },
    errors: ['INVALID', 'NOT_FOUND'],
  },
  cmdline: {
    ...shared,
    path: '/debug/pprof/cmdline',
    summary: 'The command of this process, without its arguments',
    responses: { 200: { description: 'The executable and the script.', contentType: 'text/plain; charset=utf-8' } },
    errors: ['INVALID', 'NOT_FOUND'],
  },
  heap: {
    ...shared,
    path: '/debug/pprof/heap',
    summary: 'What the heap holds, sampled since profiling was first asked for',
    responses: { 200: profile },
    errors: ['INVALID', 'NOT_FOUND'],
  },
  profile: {
    ...shared,
    path: '/debug/pprof/profile',
    summary: 'Where the time goes',
    query: ProfileQuery,
    responses: { 200: profile },
    errors: ['INVALID', 'NOT_FOUND', 'CONFLICT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
