// What the OpenAPI document says of the answers about projects; what is sent is made by the codecs.
import {
  ExecutionMode,
  ProjectAccess,
  ProjectAccessName,
  ProjectPermissions,
  WorkspaceAccess,
} from '@terramesh/contracts';
import { z } from 'zod';
import { kebab } from '../kebab.js';

export function kebabShape(schema: z.ZodObject): z.ZodObject {
  return z.object(Object.fromEntries(Object.entries(schema.shape).map(([name, member]) => [kebab(name), member])));
}

const related = z.object({ related: z.string() });
const identifier = (type: string) => z.object({ id: z.string(), type: z.literal(type) });
const self = z.object({ self: z.string() });

export const ProjectResource = z
  .object({
    id: z.string(),
    type: z.literal('projects'),
    attributes: z.object({
      name: z.string(),
      permissions: kebabShape(ProjectPermissions),
      description: z.string().nullable(),
      'created-at': z.iso.datetime(),
      'workspace-count': z.int(),
      'team-count': z.int(),
      'auto-destroy-activity-duration': z.string().nullable(),
      'default-execution-mode': ExecutionMode,
      'setting-overwrites': z.object({ 'default-execution-mode': z.boolean(), 'default-agent-pool': z.boolean() }),
    }),
    relationships: z.object({
      organization: z.object({ data: identifier('organizations'), links: related }),
      'default-agent-pool': z.object({ data: z.null() }),
      'tag-bindings': z.object({ links: related }),
      'effective-tag-bindings': z.object({
        data: z.array(identifier('effective-tag-bindings')).optional(),
        links: related,
      }),
    }),
    links: self,
  })
  .meta({ id: 'TfeProject' });

export const TagBindingResource = z
  .object({
    id: z.string(),
    type: z.enum(['tag-bindings', 'effective-tag-bindings']),
    attributes: z.object({ key: z.string(), value: z.string() }),
  })
  .meta({ id: 'TfeTagBinding' });

export const TeamProjectResource = z
  .object({
    id: z.string(),
    type: z.literal('team-projects'),
    attributes: z.object({
      access: ProjectAccessName,
      'project-access': kebabShape(ProjectAccess),
      'workspace-access': kebabShape(WorkspaceAccess),
    }),
    relationships: z.object({
      team: z.object({ data: identifier('teams'), links: related }),
      project: z.object({ data: identifier('projects'), links: related }),
    }),
    links: self,
  })
  .meta({ id: 'TfeTeamProject' });
