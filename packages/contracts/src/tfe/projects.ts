// Served by apps/projects: projects of an organization, as the TFE API knows them.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';
import { TagBinding } from './tag-bindings.js';

export const ExecutionMode = z.enum(['remote', 'local', 'agent']);
export type ExecutionMode = z.infer<typeof ExecutionMode>;

/** What the caller may do with a project. Stacks, no-code modules and the like do not exist here, so nobody may use them. */
export const ProjectPermissions = z.object({
  canRead: z.boolean(),
  canUpdate: z.boolean(),
  canDestroy: z.boolean(),
  canCreateWorkspace: z.boolean(),
  canMoveWorkspace: z.boolean(),
  canMoveStack: z.boolean(),
  canManageStacks: z.boolean(),
  canViewStacks: z.boolean(),
  canUpdateStacks: z.boolean(),
  canDeployNoCodeModules: z.boolean(),
  canReadTeams: z.boolean(),
  canManageTags: z.boolean(),
  canManageTeams: z.boolean(),
  canManageVarsets: z.boolean(),
  canManageEphemeralWorkspaceForProjects: z.boolean(),
});
export type ProjectPermissions = z.infer<typeof ProjectPermissions>;

export const Project = z.object({
  /** `prj-…` */
  id: z.string(),
  name: z.string(),
  organizationName: z.string(),
  description: z.string().nullable(),
  createdAt: z.iso.datetime(),
  workspaceCount: z.int().min(0),
  teamCount: z.int().min(0),
  /** `14d`, `24h` */
  autoDestroyActivityDuration: z.string().nullable(),
  /** Its own, or its organization's. */
  defaultExecutionMode: ExecutionMode,
  overwritesExecutionMode: z.boolean(),
  permissions: ProjectPermissions,
  /** Null unless the caller asked for them. */
  tagBindings: z.array(TagBinding).nullable(),
});
export type Project = z.infer<typeof Project>;

/** A tag to filter by; an empty value stands for any. */
export const TagFilter = z.object({ key: z.string().max(1000), value: z.string().max(1000) });
export type TagFilter = z.infer<typeof TagFilter>;

export const maxTagFilters = 50;
export const maxNameFilters = 1000;

const ProjectInclude = z.enum(['effective_tag_bindings']);
const one = { caller: Caller, id: z.string() };
const Tags = z.object({ items: z.array(TagBinding) });
const Nothing = z.object({});

/**
 * All answer NOT_FOUND for what the caller may not see or do, and UNPROCESSABLE for a document that breaks rules, which
 * is looked at last.
 */
export const projects = {
  list: operation({
    subject: 'projects.list-projects',
    input: z.object({
      caller: Caller,
      organizationName: z.string(),
      page: PageRequest,
      sort: z.enum(['name', '-name']).default('name'),
      /** Any of these names, in either case. */
      names: z.array(z.string()).max(maxNameFilters).optional(),
      /** A part of the name, in either case; without meaning beside `names`. */
      query: z.string().optional(),
      /** Only projects that the caller may do all of this with. */
      permissions: z.array(z.enum(['update', 'create-workspace'])).default([]),
      /** Only projects that have all of these. */
      tagged: z.array(TagFilter).max(maxTagFilters).default([]),
      include: z.array(ProjectInclude).default([]),
    }),
    output: pageOf(Project),
    idempotent: true,
  }),
  show: operation({
    subject: 'projects.show-project',
    input: z.object({ ...one, include: z.array(ProjectInclude).default([]) }),
    output: Project,
    idempotent: true,
  }),
  /** Those of them that the caller may see, in any order. */
  find: operation({
    subject: 'projects.find-projects',
    input: z.object({ caller: Caller, ids: z.array(z.string()).max(1000) }),
    output: z.object({ items: z.array(Project) }),
    idempotent: true,
  }),
  create: operation({
    subject: 'projects.create-project',
    input: z.object({ caller: Caller, organizationName: z.string(), document: Document }),
    output: Project,
  }),
  update: operation({
    subject: 'projects.update-project',
    input: z.object({ ...one, document: Document }),
    output: Project,
    idempotent: true,
  }),
  /** FORBIDDEN for one that has workspaces and for the Default Project. */
  delete: operation({ subject: 'projects.delete-project', input: z.object(one), output: Nothing }),
  /** All or none; FORBIDDEN names the workspaces that cannot be moved. */
  moveWorkspaces: operation({
    subject: 'projects.move-workspaces',
    input: z.object({ ...one, document: Document }),
    output: Nothing,
    idempotent: true,
  }),
  listTagBindings: operation({
    subject: 'projects.list-project-tag-bindings',
    input: z.object(one),
    output: Tags,
    idempotent: true,
  }),
  /** Adds tags and changes values; removes none. */
  addTagBindings: operation({
    subject: 'projects.add-project-tag-bindings',
    input: z.object({ ...one, document: Document }),
    output: Tags,
    idempotent: true,
  }),
  /** Afterwards these are all its tags. */
  replaceTagBindings: operation({
    subject: 'projects.replace-project-tag-bindings',
    input: z.object({ ...one, document: Document }),
    output: Tags,
    idempotent: true,
  }),
};
