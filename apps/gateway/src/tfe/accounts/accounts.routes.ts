import { CreateAccountDocument, UpdateAccountDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { flags, resourceSchema } from '../resource-schemas.js';
import { jsonApiMediaType as contentType } from '../send-document.js';

const AccountResource = resourceSchema('TfeUser', 'users', {
  username: z.string(),
  email: z.string().nullable().describe('Shown to its owner and to site administrators.'),
  'is-service-account': z.boolean(),
  'is-site-admin': z.boolean(),
  permissions: flags('can-create-organizations', 'can-change-email', 'can-change-username'),
});

const shared = { access: 'tfe', tag: 'TFE: accounts' } as const;
const params = z.object({ id: z.string().describe('user-…') });
const one = { description: 'The account.', schema: documentOf(AccountResource), contentType };

export const accountRoutes = {
  details: {
    ...shared,
    method: 'GET',
    path: '/api/v2/account/details',
    summary: 'Who the caller is',
    responses: { 200: one },
    errors: tfeErrors('any'),
  },
  updateOwn: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/account/update',
    summary: "Change the caller's own name or address",
    body: UpdateAccountDocument,
    responses: { 200: one },
    errors: tfeErrors('body'),
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/users/:id',
    summary: 'Show somebody who shares an organization with the caller',
    params,
    responses: { 200: one },
    errors: tfeErrors('any'),
  },
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/admin/users',
    summary: 'List every account; for site administrators',
    query: z.object({ ...pageQuery, q: z.string().optional().describe('A part of the name or the address.') }),
    responses: { 200: { description: 'One page.', schema: listOf(AccountResource), contentType } },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/admin/users',
    summary: 'Create an account; for site administrators',
    body: CreateAccountDocument,
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/admin/users/:id',
    summary: 'Delete an account with its tokens; for site administrators',
    params,
    responses: { 204: { description: 'Deleted.' } },
    errors: [...tfeErrors('any'), 'FORBIDDEN'],
  },
  grantAdmin: {
    ...shared,
    method: 'POST',
    path: '/api/v2/admin/users/:id/actions/grant_admin',
    summary: 'Make somebody a site administrator; for site administrators',
    params,
    responses: { 200: one },
    errors: tfeErrors('any'),
  },
  revokeAdmin: {
    ...shared,
    method: 'POST',
    path: '/api/v2/admin/users/:id/actions/revoke_admin',
    summary: 'Make somebody no site administrator any more; for site administrators',
    params,
    responses: { 200: one },
    errors: [...tfeErrors('any'), 'FORBIDDEN'],
  },
} as const satisfies Record<string, RouteDeclaration>;
