import { CreateWorkspaceDocument, LockDocument, UpdateWorkspaceDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { OrganizationResource } from '../organizations/organizations.routes.js';
import { ProjectResource, TagBindingResource } from '../projects/projects.schema.js';
import { jsonApiMediaType as contentType } from '../send-document.js';
import { workspaceIncludes } from './workspace-sideloads.js';
import { RunResource, WorkspaceResource } from './workspaces.schema.js';

const organization = z.object({ organization: z.string().describe('Name of the organization.') });
const named = organization.extend({ name: z.string().describe('Name of the workspace.') });
const byId = z.object({ id: z.string().describe('Id of the workspace: ws-…') });
const include = z
  .string()
  .optional()
  .describe(`Of ${workspaceIncludes.join(', ')}: some, between commas.`);
const Included = z.union([TagBindingResource, RunResource, OrganizationResource, ProjectResource]);
const one = { description: 'The workspace.', schema: documentOf(WorkspaceResource), contentType };
const oneWithTags = { ...one, schema: documentOf(WorkspaceResource, Included) };
const gone = { 204: { description: 'It is deleted.' } };
const shared = { access: 'tfe', tag: 'TFE: workspaces' } as const;
const text = z.string().optional();

export const workspaceRoutes = {
  list: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization/workspaces',
    summary: 'List the workspaces of an organization that the caller may see',
    params: organization,
    query: z.object({
      ...pageQuery,
      'search[name]': text.describe('A part of the name, in either case.'),
      'search[wildcard-name]': text.describe('The name, with * at its ends for anything.'),
      'search[tags]': text.describe('Names of tags between commas: all of them.'),
      'search[exclude-tags]': text.describe('Names of tags between commas: none of them.'),
      'filter[project][id]': text.describe('Only workspaces of this project.'),
      'filter[tagged][0][key]': text.describe(
        'Only workspaces with this tag, own or of the project; so on with 1, 2, …',
      ),
      'filter[tagged][0][value]': text.describe('Its value; empty stands for any.'),
      sort: z.enum(['name', '-name']).optional(),
      include,
    }),
    responses: {
      200: { description: 'One page.', schema: listOf(WorkspaceResource, Included), contentType },
    },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  create: {
    ...shared,
    method: 'POST',
    path: '/api/v2/organizations/:organization/workspaces',
    summary: 'Create a workspace, in the Default Project unless another is named',
    params: organization,
    body: CreateWorkspaceDocument,
    responses: { 201: one },
    errors: tfeErrors('body'),
  },
  showNamed: {
    ...shared,
    method: 'GET',
    path: '/api/v2/organizations/:organization/workspaces/:name',
    summary: 'Show a workspace by its name',
    params: named,
    query: z.object({ include }),
    responses: { 200: oneWithTags },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  updateNamed: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/organizations/:organization/workspaces/:name',
    summary: 'Update a workspace by its name',
    params: named,
    body: UpdateWorkspaceDocument,
    responses: { 200: one },
    errors: tfeErrors('body'),
  },
  deleteNamed: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/organizations/:organization/workspaces/:name',
    summary: 'Delete a workspace by its name, whatever it manages',
    params: named,
    responses: gone,
    errors: [...tfeErrors('any'), 'CONFLICT'],
  },
  safeDeleteNamed: {
    ...shared,
    method: 'POST',
    path: '/api/v2/organizations/:organization/workspaces/:name/actions/safe-delete',
    summary: 'Delete a workspace by its name, unless something may be managed through it',
    params: named,
    responses: gone,
    errors: [...tfeErrors('any'), 'CONFLICT'],
  },
  show: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id',
    summary: 'Show a workspace',
    params: byId,
    query: z.object({ include }),
    responses: { 200: oneWithTags },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  update: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/workspaces/:id',
    summary: 'Update a workspace; what is left out keeps its value',
    params: byId,
    body: UpdateWorkspaceDocument,
    responses: { 200: one },
    errors: tfeErrors('body'),
  },
  delete: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/workspaces/:id',
    summary: 'Delete a workspace, whatever it manages',
    params: byId,
    responses: gone,
    errors: [...tfeErrors('any'), 'CONFLICT'],
  },
  safeDelete: {
    ...shared,
    method: 'POST',
    path: '/api/v2/workspaces/:id/actions/safe-delete',
    summary: 'Delete a workspace, unless something may be managed through it',
    params: byId,
    responses: gone,
    errors: [...tfeErrors('any'), 'CONFLICT'],
  },
  lock: {
    ...shared,
    method: 'POST',
    path: '/api/v2/workspaces/:id/actions/lock',
    summary: 'Lock a workspace: nothing plans or applies its target until it is unlocked',
    params: byId,
    body: LockDocument,
    responses: { 200: one },
    errors: [...tfeErrors('body'), 'CONFLICT'],
  },
  unlock: {
    ...shared,
    method: 'POST',
    path: '/api/v2/workspaces/:id/actions/unlock',
    summary: 'Unlock a workspace that the caller locked',
    params: byId,
    responses: { 200: one },
    errors: [...tfeErrors('any'), 'CONFLICT'],
  },
  forceUnlock: {
    ...shared,
    method: 'POST',
    path: '/api/v2/workspaces/:id/actions/force-unlock',
    summary: 'Unlock a workspace that anybody locked',
    params: byId,
    responses: { 200: one },
    errors: [...tfeErrors('any'), 'CONFLICT'],
  },
} as const satisfies Record<string, RouteDeclaration>;
