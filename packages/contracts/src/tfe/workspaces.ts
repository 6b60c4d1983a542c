// Served by apps/projects: workspaces of an organization, as the TFE API knows them, and the targets they are bound to.
import { z } from 'zod';
import { LockHolder } from '../locks.js';
import { operation } from '../operation.js';
import { TargetPlace } from '../target-runs.js';
import { VcsType } from '../targets.js';
import { PersonLock } from '../workspace-locks.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';
import { ExecutionMode, maxTagFilters, TagFilter } from './projects.js';
import { TagBinding } from './tag-bindings.js';
import { WorkspaceSettings } from './workspace-settings.js';

/** What the caller may do with a workspace. */
export const WorkspacePermissions = z.object({
  canUpdate: z.boolean(),
  canDestroy: z.boolean(),
  canForceDelete: z.boolean(),
  canQueueRun: z.boolean(),
  canQueueApply: z.boolean(),
  canQueueDestroy: z.boolean(),
  canReadRun: z.boolean(),
  canReadSettings: z.boolean(),
  canLock: z.boolean(),
  canUnlock: z.boolean(),
  canForceUnlock: z.boolean(),
  canReadVariable: z.boolean(),
  canUpdateVariable: z.boolean(),
  canReadStateVersions: z.boolean(),
  canReadStateOutputs: z.boolean(),
  canCreateStateVersions: z.boolean(),
  canManageTags: z.boolean(),
  canManageRunTasks: z.boolean(),
  canReadAssessmentResults: z.boolean(),
});
export type WorkspacePermissions = z.infer<typeof WorkspacePermissions>;

/** The repository that a workspace is bound to. */
export const WorkspaceRepository = z.object({
  type: VcsType,
  hostname: z.string(),
  repository: z.string(),
  /** Empty for the default branch. */
  branch: z.string(),
  /** Whatever the client gave, as the next; nothing here reads them. */
  oauthTokenId: z.string().nullable(),
  githubAppInstallationId: z.string().nullable(),
});
export type WorkspaceRepository = z.infer<typeof WorkspaceRepository>;

/** A tag that counts for a workspace: its own, or one of its project under a key that it has none of. */
export const EffectiveTag = TagBinding.extend({ projectId: z.string().nullable() });
export type EffectiveTag = z.infer<typeof EffectiveTag>;

export const Workspace = z.object({
  /** `ws-…` */
  id: z.string(),
  name: z.string(),
  organizationName: z.string(),
  projectId: z.string(),
  description: z.string().nullable(),
  executionMode: ExecutionMode,
  overwritesExecutionMode: z.boolean(),
  terraformVersion: z.string(),
  /** As the client wrote it. */
  workingDirectory: z.string(),
  /** The CLI's workspace. */
  terraformWorkspace: z.string(),
  settings: WorkspaceSettings,
  /** Its own or its project's, whichever counts: nothing here destroys anything by itself. */
  autoDestroyActivityDuration: z.string().nullable(),
  vcs: WorkspaceRepository.nullable(),
  /** What it is bound to; null without a repository. */
  place: TargetPlace.nullable(),
  tagNames: z.array(z.string()),
  /** Null unless the caller asked for them. */
  effectiveTags: z.array(EffectiveTag).nullable(),
  /** Who keeps others off: a person, or the run or pull request that works on its target. Both null for nobody. */
  lock: z.object({ person: PersonLock.nullable(), holder: LockHolder.nullable() }),
  permissions: WorkspacePermissions,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Workspace = z.infer<typeof Workspace>;

/** A workspace by its id, or by its organization and its name. */
export const WorkspaceKey = z.union([
  z.object({ id: z.string() }),
  z.object({ organizationName: z.string(), name: z.string() }),
]);
export type WorkspaceKey = z.infer<typeof WorkspaceKey>;

/** A tag without a value; it exists in an organization for as long as one of its workspaces has it. */
export const WorkspaceTagName = z.object({
  id: z.string(),
  name: z.string(),
  organizationName: z.string(),
  createdAt: z.iso.datetime(),
  /** How many workspaces of the organization have it. */
  instanceCount: z.int().min(0),
});
export type WorkspaceTagName = z.infer<typeof WorkspaceTagName>;

const includes = z.array(z.enum(['effective_tag_bindings'])).default([]);
const one = { caller: Caller, key: WorkspaceKey };
const written = { ...one, document: Document };
const TagNames = z.array(z.string()).max(maxTagFilters).default([]);
const Tags = z.object({ items: z.array(TagBinding) });
const Nothing = z.object({});

/**
 * All answer NOT_FOUND for what the caller may not see or do, and UNPROCESSABLE for a document that breaks rules, which
 * is looked at last. UNAVAILABLE also while apps/locks does not say who holds what.
 */
export const workspaces = {
  list: operation({
    subject: 'projects.list-workspaces',
    input: z.object({
      caller: Caller,
      organizationName: z.string(),
      page: PageRequest,
      sort: z.enum(['name', '-name']).default('name'),
      /** A part of the name, in either case. */
      name: z.string().optional(),
      /** The whole name, in either case; `*` at either end stands for anything. */
      wildcardName: z.string().optional(),
      projectId: z.string().optional(),
      /** Names of tags: all of these, and none of those. */
      tags: TagNames,
      excludedTags: TagNames,
      tagged: z.array(TagFilter).max(maxTagFilters).default([]),
      include: includes,
    }),
    output: pageOf(Workspace),
    idempotent: true,
  }),
  show: operation({
    subject: 'projects.show-workspace',
    input: z.object({ ...one, include: includes }),
    output: Workspace,
    idempotent: true,
  }),
  /** The workspace that is bound to this target. */
  showOfPlace: operation({
    subject: 'projects.show-workspace-of-target',
    input: z.object({ caller: Caller, place: TargetPlace }),
    output: Workspace,
    idempotent: true,
  }),
  create: operation({
    subject: 'projects.create-workspace',
    input: z.object({ caller: Caller, organizationName: z.string(), document: Document }),
    output: Workspace,
  }),
  update: operation({
    subject: 'projects.update-workspace',
    input: z.object(written),
    output: Workspace,
    idempotent: true,
  }),
  /** `safe`, and `force` by who may not: CONFLICT while somebody holds it or something may be managed through it. */
  delete: operation({
    subject: 'projects.delete-workspace',
    input: z.object({ ...one, mode: z.enum(['safe', 'force']) }),
    output: Nothing,
  }),
  /** CONFLICT when it is locked. */
  lock: operation({ subject: 'projects.lock-workspace', input: z.object(written), output: Workspace }),
  /** CONFLICT when it is not locked, or by somebody else; with `force` a person's lock goes whosever it is. */
  unlock: operation({
    subject: 'projects.unlock-workspace',
    input: z.object({ ...one, mode: z.enum(['own', 'force']) }),
    output: Workspace,
  }),
  listTagNames: operation({
    subject: 'projects.list-workspace-tags',
    input: z.object({ ...one, page: PageRequest }),
    output: pageOf(WorkspaceTagName),
    idempotent: true,
  }),
  addTagNames: operation({
    subject: 'projects.add-workspace-tags',
    input: z.object(written),
    output: Nothing,
    idempotent: true,
  }),
  removeTagNames: operation({
    subject: 'projects.remove-workspace-tags',
    input: z.object(written),
    output: Nothing,
    idempotent: true,
  }),
  listTagBindings: operation({
    subject: 'projects.list-workspace-tag-bindings',
    input: z.object(one),
    output: Tags,
    idempotent: true,
  }),
  /** Adds tags and changes values; removes none. */
  addTagBindings: operation({
    subject: 'projects.add-workspace-tag-bindings',
    input: z.object(written),
    output: Tags,
    idempotent: true,
  }),
  /** Afterwards these are all its tag bindings. */
  replaceTagBindings: operation({
    subject: 'projects.replace-workspace-tag-bindings',
    input: z.object(written),
    output: Tags,
    idempotent: true,
  }),
  /** Which of these workspaces exist; for the sweeper of apps/locks. */
  existing: operation({
    subject: 'projects.existing-workspaces',
    input: z.object({ ids: z.array(z.string()).max(1000) }),
    output: z.object({ ids: z.array(z.string()) }),
    idempotent: true,
  }),
};
