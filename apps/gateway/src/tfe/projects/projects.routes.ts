import { createProjectDocument, updateProjectDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { jsonApiMediaType as contentType } from '../send-document.js';
import { ProjectResource, TagBindingResource } from './projects.schema.js';

// The service refuses what its own setting says; this is what every installation takes.
const rules = { maxNameLength: 40 };
const organization = z.object({ organization: z.string().describe('Name of the organization.') });
const project = z.object({ id: z.string().describe('Id of the project: prj-…') });
const include = z.enum(['effective_tag_bindings']).optional();
const one = { description: 'The project.', schema: documentOf(ProjectResource), contentType };
const oneWithTags = { ...one, schema: documentOf(ProjectResource, TagBindingResource) };
const shared = { access: 'tfe', tag: 'TFE: projects' } as const;

export const projectRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization/projects',
    summary: 'List the projects of an organization that the caller may see, in the order of their names',
    params: organization,
    query: z.object({
      ...pageQuery,
      q: z.string().optional().describe('A part of the name, in either case.'),
      'filter[names]': z.string().optional().describe('Names between commas, in either case; q is ignored then.'),
      'filter[permissions][update]': z.string().optional().describe('Present: only projects the caller may update.'),
      'filter[permissions][create-workspace]': z
        .string()
        .optional()
        .describe('Present: only projects the caller may create workspaces in.'),
      'filter[tagged][0][key]': z.string().optional().describe('Only projects with this tag; so on with 1, 2, …'),
      'filter[tagged][0][value]': z.string().optional().describe('Its value; empty stands for any.'),
      sort: z.enum(['name', '-name']).optional(),
      include,
    }),
    responses: {
      200: { description: 'One page.', schema: listOf(ProjectResource, TagBindingResource), contentType },
    },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/organizations/:organization/projects',
    summary: 'Create a project',
    params: organization,
    body: createProjectDocument(rules),
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/projects/:id',
    summary: 'Show a project',
    params: project,
    query: z.object({ include }),
    responses: { 200: oneWithTags },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/projects/:id',
    summary: 'Update a project; what is left out keeps its value',
    params: project,
    body: updateProjectDocument(rules),
    responses: { 200: one },
    errors: tfeErrors('body'),
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/projects/:id',
    summary: 'Delete a project without workspaces; the Default Project stays',
    params: project,
    responses: { 204: { description: 'It is deleted.' } },
    errors: [...tfeErrors('any'), 'FORBIDDEN'],
  },
} as const satisfies Record<string, RouteDeclaration>;
