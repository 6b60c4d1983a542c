import { CreateMembershipDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { resourceSchema } from '../resource-schemas.js';
import { jsonApiMediaType as contentType } from '../send-document.js';

const MembershipResource = resourceSchema('TfeOrganizationMembership', 'organization-memberships', {
  status: z.literal('active'),
  email: z.string(),
  'created-at': z.iso.datetime(),
});

const shared = { access: 'tfe', tag: 'TFE: memberships' } as const;
const organization = z.object({ organization: z.string().describe('Name of the organization.') });
const params = z.object({ id: z.string().describe('ou-…') });
const include = z.string().optional().describe('user');
const one = { description: 'The membership.', schema: documentOf(MembershipResource, z.looseObject({})), contentType };
const page = {
  200: { description: 'One page.', schema: listOf(MembershipResource, z.looseObject({})), contentType },
};

export const membershipRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization/organization-memberships',
    summary: 'List who belongs to an organization',
    params: organization,
    query: z.object({
      ...pageQuery,
      q: z.string().optional().describe('A part of the name or the address, in either case.'),
      'filter[email]': z.string().optional().describe('Addresses between commas, in either case.'),
      'filter[status]': z.string().optional().describe('active or invited; everybody is active.'),
      include,
    }),
    responses: page,
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/organizations/:organization/organization-memberships',
    summary: 'Add somebody who has an account, by the address or the name; no message is sent',
    params: organization,
    body: CreateMembershipDocument,
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  listOwn: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organization-memberships',
    summary: "List the caller's own memberships",
    query: z.object({ ...pageQuery, include }),
    responses: page,
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organization-memberships/:id',
    summary: 'Show a membership',
    params,
    query: z.object({ include }),
    responses: { 200: one },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/organization-memberships/:id',
    summary: 'Remove somebody from an organization and its teams; an owner always stays',
    params,
    responses: { 204: { description: 'Removed.' } },
    errors: [...tfeErrors('any'), 'FORBIDDEN'],
  },
} as const satisfies Record<string, RouteDeclaration>;
