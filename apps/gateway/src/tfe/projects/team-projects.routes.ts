import { CreateTeamProjectDocument, UpdateTeamProjectDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { jsonApiMediaType as contentType } from '../send-document.js';
import { TeamProjectResource } from './projects.schema.js';

const teamProject = z.object({ id: z.string().describe('Id of the team-project: tprj-…') });
const one = { description: 'The access.', schema: documentOf(TeamProjectResource), contentType };
const shared = { access: 'tfe', tag: 'TFE: team access to projects' } as const;

export const teamProjectRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/team-projects',
    summary: 'List which teams may do what in a project',
    query: z.object({ ...pageQuery, 'filter[project][id]': z.string().describe('Id of the project: prj-…') }),
    responses: { 200: { description: 'One page.', schema: listOf(TeamProjectResource), contentType } },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/team-projects',
    summary: 'Give a team access to a project',
    body: CreateTeamProjectDocument,
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/team-projects/:id',
    summary: 'Show what a team may do in a project',
    params: teamProject,
    responses: { 200: one },
    errors: tfeErrors('any'),
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/team-projects/:id',
    summary: 'Change what a team may do in a project',
    params: teamProject,
    body: UpdateTeamProjectDocument,
    responses: { 200: one },
    errors: tfeErrors('body'),
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/team-projects/:id',
    summary: 'Take the access of a team to a project away',
    params: teamProject,
    responses: { 204: { description: 'It is gone.' } },
    errors: tfeErrors('any'),
  },
} as const satisfies Record<string, RouteDeclaration>;
