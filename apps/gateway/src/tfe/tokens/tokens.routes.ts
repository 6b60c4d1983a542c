import { CreateTokenDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { resourceSchema } from '../resource-schemas.js';
import { jsonApiMediaType as contentType } from '../send-document.js';

const TokenResource = resourceSchema('TfeAuthenticationToken', 'authentication-tokens', {
  'created-at': z.iso.datetime(),
  'last-used-at': z.iso.datetime().nullable(),
  description: z.string(),
  token: z.string().nullable().describe('Only in the answer that made it.'),
  'expired-at': z.iso.datetime().nullable(),
});

const shared = { access: 'tfe', tag: 'TFE: tokens' } as const;
const organization = z.object({ organization: z.string().describe('Name of the organization.') });
const team = z.object({ id: z.string().describe('team-…') });
const user = z.object({ id: z.string().describe('user-…') });
const body = CreateTokenDocument;
const made = { 201: { description: 'The token, shown once.', schema: documentOf(TokenResource), contentType } };
const one = { 200: { description: 'What is known of it.', schema: documentOf(TokenResource), contentType } };
const page = { 200: { description: 'One page.', schema: listOf(TokenResource), contentType } };
const gone = { 204: { description: 'It is worth nothing any more.' } };
const listErrors = [...tfeErrors('any'), 'INVALID'] as const;
const makeErrors = [...tfeErrors('body'), 'CONFLICT'] as const;

const userPath = '/api/v2/users/:id/authentication-tokens';
const teamPath = '/api/v2/teams/:id/authentication-token';
const organizationPath = '/api/v2/organizations/:organization/authentication-token';

export const tokenRoutes = {
  listOfUser: {
    ...shared,
    method: 'GET',
    path: userPath,
    summary: 'List the tokens of a user: the own, or any for site administrators',
    params: user,
    query: z.object(pageQuery),
    responses: page,
    errors: listErrors,
  },
  createForUser: {
    ...shared,
    method: 'POST',
    path: userPath,
    summary: 'Make a token of a user: the own, or any for site administrators',
    params: user,
    body,
    responses: made,
    errors: makeErrors,
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/authentication-tokens/:id',
    summary: 'Show what is known of a token',
    params: z.object({ id: z.string().describe('at-…') }),
    responses: one,
    errors: tfeErrors('any'),
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/authentication-tokens/:id',
    summary: 'Revoke a token',
    params: z.object({ id: z.string().describe('at-…') }),
    responses: gone,
    errors: tfeErrors('any'),
  },
  listOfTeam: {
    ...shared,
    method: 'GET',
    path: `${teamPath}s`,
    summary: 'List the tokens of a team',
    params: team,
    query: z.object(pageQuery),
    responses: page,
    errors: listErrors,
  },
  createForTeam: {
    ...shared,
    method: 'POST',
    path: `${teamPath}s`,
    summary: 'Make one more token of a team',
    params: team,
    body,
    responses: made,
    errors: makeErrors,
  },
  showOfTeam: {
    ...shared,
    method: 'GET',
    path: teamPath,
    summary: 'Show what is known of the one token of a team that a new one replaces',
    params: team,
    responses: one,
    errors: tfeErrors('any'),
  },
  replaceOfTeam: {
    ...shared,
    method: 'POST',
    path: teamPath,
    summary: 'Make the token of a team; the one before it is worth nothing any more',
    params: team,
    body,
    responses: made,
    errors: makeErrors,
  },
  deleteOfTeam: {
    ...shared,
    method: 'DELETE',
    path: teamPath,
    summary: 'Revoke the token of a team',
    params: team,
    responses: gone,
    errors: tfeErrors('any'),
  },
  showOfOrganization: {
    ...shared,
    method: 'GET',
    path: organizationPath,
    summary: 'Show what is known of the token of an organization',
    params: organization,
    responses: one,
    errors: tfeErrors('any'),
  },
  replaceOfOrganization: {
    ...shared,
    method: 'POST',
    path: organizationPath,
    summary: 'Make the token of an organization; the one before it is worth nothing any more',
    params: organization,
    body,
    responses: made,
    errors: makeErrors,
  },
  deleteOfOrganization: {
    ...shared,
    method: 'DELETE',
    path: organizationPath,
    summary: 'Revoke the token of an organization',
    params: organization,
    responses: gone,
    errors: tfeErrors('any'),
  },
} as const satisfies Record<string, RouteDeclaration>;
