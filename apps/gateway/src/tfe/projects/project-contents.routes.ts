import { MoveWorkspacesDocument, TagBindingsDocument } from '@terramesh/contracts';
import { z } from 'zod';
import type { RouteDeclaration } from '../../http/route.js';
import { allOf } from '../document-schemas.js';
import { tfeErrors } from '../error-document.js';
import { jsonApiMediaType as contentType } from '../send-document.js';
import { TagBindingResource } from './projects.schema.js';

const shared = {
  access: 'tfe',
  tag: 'TFE: projects',
  params: z.object({ id: z.string().describe('Id of the project: prj-…') }),
} as const;
const tags = { 200: { description: 'All its tags.', schema: allOf(TagBindingResource), contentType } };
const done = { 204: { description: 'It is done.' } };

/** HashiCorp's clients of 2024 and of 2026 use different paths for tags, with different effects. */
export const projectContentsRoutes = {
  listTags: {
    ...shared,
    method: 'GET',
    path: '/api/v2/projects/:id/tag-bindings',
    summary: 'List the tags of a project',
    responses: tags,
    errors: tfeErrors('any'),
  },
  addTags: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/projects/:id/tag-bindings',
    summary: 'Add tags to a project or change their values; none is removed',
    body: TagBindingsDocument,
    responses: tags,
    errors: tfeErrors('body'),
  },
  listEffectiveTags: {
    ...shared,
    method: 'GET',
    path: '/api/v2/projects/:id/effective-tag-bindings',
    summary: 'List the tags of a project: it inherits none',
    responses: tags,
    errors: tfeErrors('any'),
  },
  listRelatedTags: {
    ...shared,
    method: 'GET',
    path: '/api/v2/projects/:id/relationships/tag-bindings',
    summary: 'List the tags of a project, as newer clients ask for them',
    responses: tags,
    errors: tfeErrors('any'),
  },
  addRelatedTags: {
    ...shared,
    method: 'POST',
    path: '/api/v2/projects/:id/relationships/tag-bindings',
    summary: 'Add tags to a project, as newer clients do',
    body: TagBindingsDocument,
    responses: done,
    errors: tfeErrors('body'),
  },
  replaceTags: {
    ...shared,
    method: 'PATCH',
    path: '/api/v2/projects/:id/relationships/tag-bindings',
    summary: 'Replace all tags of a project',
    body: TagBindingsDocument,
    responses: done,
    errors: tfeErrors('body'),
  },
  moveWorkspaces: {
    ...shared,
    method: 'POST',
    path: '/api/v2/projects/:id/relationships/workspaces',
    summary: 'Move workspaces into a project: all of them, or none',
    body: MoveWorkspacesDocument,
    responses: done,
    errors: [...tfeErrors('body'), 'FORBIDDEN'],
  },
} as const satisfies Record<string, RouteDeclaration>;
