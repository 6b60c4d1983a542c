import {
  CreateTeamDocument,
  organizationAccessNames,
  TeamMembershipsDocument,
  TeamUsersDocument,
  UpdateTeamDocument,
} from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { flags, resourceSchema } from '../resource-schemas.js';
import { jsonApiMediaType as contentType } from '../send-document.js';

const TeamResource = resourceSchema('TfeTeam', 'teams', {
  name: z.string(),
  'users-count': z.int(),
  visibility: z.enum(['secret', 'organization']),
  'sso-team-id': z.string().nullable(),
  'allow-member-token-management': z.boolean(),
  'organization-access': flags(...organizationAccessNames),
  permissions: z.record(z.string(), z.boolean()),
});

const shared = { access: 'tfe', tag: 'TFE: teams' } as const;
const organization = z.object({ organization: z.string().describe('Name of the organization.') });
const params = z.object({ id: z.string().describe('team-…') });
const include = z.string().optional().describe('users, organization-memberships or both, between commas.');
const one = { description: 'The team.', schema: documentOf(TeamResource, z.looseObject({})), contentType };
const changed = { 204: { description: 'Changed.' } };

export const teamRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization/teams',
    summary: 'List the teams of an organization that the caller may see',
    params: organization,
    query: z.object({
      ...pageQuery,
      q: z.string().optional().describe('A part of the name, in either case.'),
      'filter[names]': z.string().optional().describe('Names between commas, in either case.'),
      include,
    }),
    responses: {
      200: { description: 'One page.', schema: listOf(TeamResource, z.looseObject({})), contentType },
    },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/organizations/:organization/teams',
    summary: 'Create a team',
    params: organization,
    body: CreateTeamDocument,
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/teams/:id',
    summary: 'Show a team',
    params,
    query: z.object({ include }),
    responses: { 200: one },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/teams/:id',
    summary: 'Change a team',
    params,
    body: UpdateTeamDocument,
    responses: { 200: one },
    errors: [...tfeErrors('body'), 'FORBIDDEN'],
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/teams/:id',
    summary: 'Delete a team, but not that of the owners',
    params,
    responses: { 204: { description: 'Deleted.' } },
    errors: [...tfeErrors('any'), 'FORBIDDEN'],
  },
  addUsers: {
    ...shared,
    method: 'POST',
    path: '/api/v2/teams/:id/relationships/users',
    summary: 'Add members of the organization to a team, by username',
    params,
    body: TeamUsersDocument,
    responses: changed,
    errors: [...tfeErrors('body'), 'CONFLICT'],
  },
  removeUsers: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/teams/:id/relationships/users',
    summary: 'Remove members from a team, by username; an owner always stays',
    params,
    body: TeamUsersDocument,
    responses: changed,
    errors: [...tfeErrors('body'), 'FORBIDDEN'],
  },
  addMemberships: {
    ...shared,
    method: 'POST',
    path: '/api/v2/teams/:id/relationships/organization-memberships',
    summary: 'Add members of the organization to a team, by their memberships',
    params,
    body: TeamMembershipsDocument,
    responses: changed,
    errors: [...tfeErrors('body'), 'CONFLICT'],
  },
  removeMemberships: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/teams/:id/relationships/organization-memberships',
    summary: 'Remove members from a team, by their memberships; an owner always stays',
    params,
    body: TeamMembershipsDocument,
    responses: changed,
    errors: [...tfeErrors('body'), 'FORBIDDEN'],
  },
} as const satisfies Record<string, RouteDeclaration>;
