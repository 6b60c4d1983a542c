import { CreateOrganizationDocument, OrganizationSettings, UpdateOrganizationDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { kebabShape } from '../projects/projects.schema.js';
import { flags, resourceSchema } from '../resource-schemas.js';
import { jsonApiMediaType as contentType } from '../send-document.js';

export const OrganizationResource = resourceSchema('TfeOrganization', 'organizations', {
  name: z.string(),
  email: z.string(),
  'external-id': z.string().describe('org-…; the id of an organization is its name.'),
  'created-at': z.iso.datetime(),
  ...kebabShape(OrganizationSettings).shape,
  permissions: z.record(z.string(), z.boolean()),
});
const EntitlementSet = resourceSchema(
  'TfeEntitlementSet',
  'entitlement-sets',
  flags('operations', 'state-storage', 'teams').shape,
);

const shared = { access: 'tfe', tag: 'TFE: organizations' } as const;
const params = z.object({ organization: z.string().describe('Name of the organization.') });
const include = z.string().optional().describe('default-project, entitlement-set or both, between commas.');
const one = { description: 'The organization.', schema: documentOf(OrganizationResource), contentType };

export const organizationRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations',
    summary: 'List the organizations that the caller belongs to',
    query: z.object({
      ...pageQuery,
      q: z.string().optional().describe('A part of the name or of the email address, in either case.'),
    }),
    responses: { 200: { description: 'One page.', schema: listOf(OrganizationResource), contentType } },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/organizations',
    summary: 'Create an organization; the caller becomes its owner',
    body: CreateOrganizationDocument,
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization',
    summary: 'Show an organization',
    params,
    query: z.object({ include }),
    responses: { 200: one },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/organizations/:organization',
    summary: 'Change an organization; for its owners',
    params,
    body: UpdateOrganizationDocument,
    responses: { 200: one },
    errors: tfeErrors('body'),
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/organizations/:organization',
    summary: 'Delete an organization with everything in it; for its owners',
    params,
    responses: { 204: { description: 'Deleted.' } },
    errors: tfeErrors('any'),
  },
  entitlements: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization/entitlement-set',
    summary: 'What an organization can use here',
    params,
    responses: { 200: { description: 'What it can use.', schema: documentOf(EntitlementSet), contentType } },
    errors: tfeErrors('any'),
  },
} as const satisfies Record<string, RouteDeclaration>;
