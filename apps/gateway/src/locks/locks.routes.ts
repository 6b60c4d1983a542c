import { AtlantisLocks } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';

const text = 'text/plain; charset=utf-8';
const query = z.object({
  id: z.string().describe("The lock's name, escaped once more than a query needs, as in LockURL."),
});

export const lockRoutes = {
  list: {
    method: 'GET',
    path: '/api/locks',
    access: 'read',
    tag: 'Atlantis',
    summary: 'List the locks that are held, sorted by name',
    responses: { 200: { description: 'All locks.', schema: AtlantisLocks } },
    errors: ['UNAVAILABLE', 'TIMEOUT'],
  },
  page: {
    method: 'GET',
    path: '/lock',
    access: 'read-or-basic',
    tag: 'Locks',
    summary: 'The page that LockURL opens: who holds a lock, since when, and a button to release it',
    query,
    responses: {
      200: { description: 'The page.', contentType: 'text/html; charset=utf-8' },
      400: { description: 'Not a lock id.', contentType: text },
      404: { description: 'Nobody holds it.', contentType: text },
    },
    errors: ['CONFLICT', 'UNAVAILABLE', 'TIMEOUT'],
  },
  release: {
    method: 'DELETE',
    path: '/locks',
    access: 'token-or-basic',
    tag: 'Locks',
    summary: 'Delete a lock by hand; its plan is discarded',
    query,
    responses: {
      200: { description: 'Deleted.', contentType: text },
      404: { description: 'Nobody holds it.', contentType: text },
      409: { description: 'Its apply is running.', contentType: text },
    },
    errors: ['INVALID', 'FORBIDDEN', 'UNAVAILABLE', 'TIMEOUT'],
  },
  lockApplies: {
    method: 'POST',
    path: '/apply/lock',
    access: 'token-or-basic',
    tag: 'Locks',
    summary: 'Forbid every apply until the lock is taken back',
    responses: { 200: { description: 'Applies are forbidden, and since when.', contentType: text } },
    errors: ['INVALID', 'FORBIDDEN', 'UNAVAILABLE', 'TIMEOUT'],
  },
  unlockApplies: {
    method: 'DELETE',
    path: '/apply/unlock',
    access: 'token-or-basic',
    tag: 'Locks',
    summary: 'Allow applies again',
    responses: { 200: { description: 'Applies are allowed.', contentType: text } },
    errors: ['INVALID', 'FORBIDDEN', 'UNAVAILABLE', 'TIMEOUT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
