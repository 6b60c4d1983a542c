import { TagBindingsDocument, TagNamesDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { allOf, documentOf, listOf, pageQuery } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { TagBindingResource } from '../projects/projects.schema.js';
import { jsonApiMediaType as contentType } from '../send-document.js';
import { NothingResource, RunResource, TagResource, WorkspaceResource } from './workspaces.schema.js';

const shared = {
  access: 'tfe',
  tag: 'TFE: workspaces',
  params: z.object({ id: z.string().describe('Id of the workspace: ws-…') }),
} as const;
const runs = { access: 'tfe', tag: 'TFE: runs' } as const;
const bindings = { 200: { description: 'All of them.', schema: allOf(TagBindingResource), contentType } };
const nothing = { 200: { description: 'None.', schema: listOf(NothingResource), contentType } };
const done = { 204: { description: 'It is done.' } };

export const workspaceContentsRoutes = {
  listBindings: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id/tag-bindings',
    summary: "List a workspace's own tags with values",
    responses: bindings,
    errors: tfeErrors('any'),
  },
  addBindings: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/workspaces/:id/tag-bindings',
    summary: 'Add tags with values to a workspace or change them; none is removed',
    body: TagBindingsDocument,
    responses: bindings,
    errors: tfeErrors('body'),
  },
  replaceBindings: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/workspaces/:id/relationships/tag-bindings',
    summary: 'Replace all tags with values of a workspace',
    body: TagBindingsDocument,
    responses: done,
    errors: tfeErrors('body'),
  },
  listEffectiveBindings: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id/effective-tag-bindings',
    summary: "List a workspace's own tags with values and those of its project",
    responses: bindings,
    errors: tfeErrors('any'),
  },
  listTags: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id/relationships/tags',
    summary: 'List the tags of a workspace that are names only',
    query: z.object(pageQuery),
    responses: { 200: { description: 'One page.', schema: listOf(TagResource), contentType } },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  addTags: {
    ...shared,
    method: 'POST',
    path: '/api/v2/workspaces/:id/relationships/tags',
    summary: 'Add tags to a workspace',
    body: TagNamesDocument,
    responses: done,
    errors: tfeErrors('body'),
  },
  removeTags: {
    ...shared,
    method: 'DELETE',
    path: '/api/v2/workspaces/:id/relationships/tags',
    summary: 'Remove tags from a workspace',
    body: TagNamesDocument,
    responses: done,
    errors: tfeErrors('body'),
  },
  listStateConsumers: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id/relationships/remote-state-consumers',
    summary: 'List the workspaces that read the state of this one: none, as no state is served here',
    query: z.object(pageQuery),
    responses: nothing,
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  listVariables: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id/vars',
    summary: 'List the variables of a workspace: none, as none are kept here',
    query: z.object(pageQuery),
    responses: nothing,
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  currentState: {
    ...shared,
    method: 'GET',
    path: '/api/v2/workspaces/:id/current-state-version',
    summary: 'Always 404: no state is served here',
    responses: {},
    errors: tfeErrors('any'),
  },
  listRuns: {
    ...shared,
    tag: 'TFE: runs',
    method: 'GET',
    path: '/api/v2/workspaces/:id/runs',
    summary: 'List the runs of the target that a workspace is bound to, newest first',
    query: z.object(pageQuery),
    responses: { 200: { description: 'One page.', schema: listOf(RunResource), contentType } },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
  showRun: {
    ...runs,
    method: 'GET',
    path: '/api/v2/runs/:id',
    summary: 'Show a run of a workspace',
    params: z.object({ id: z.string().describe('Id of the run: run-…') }),
    query: z.object({ include: z.enum(['workspace']).optional() }),
    responses: { 200: { description: 'The run.', schema: documentOf(RunResource, WorkspaceResource), contentType } },
    errors: [...tfeErrors('any'), 'INVALID'],
  },
} as const satisfies Record<string, RouteDeclaration>;
