// What the OpenAPI document says of the answers about workspaces; what is sent is made by the codecs.
import { ExecutionMode, WorkspacePermissions, WorkspaceSettings } from '@terramesh/contracts';
import { z } from 'zod';
import { kebabShape } from '../projects/projects.schema.js';

const related = z.object({ related: z.string() });
const identifier = (type: string) => z.object({ id: z.string(), type: z.literal(type) });
const link = z.object({ links: related });
const runLink = z.object({ data: identifier('runs').nullable().optional(), links: related.optional() });

export const WorkspaceResource = z
  .object({
    id: z.string(),
    type: z.literal('workspaces'),
    attributes: z.object({
      name: z.string(),
      description: z.string().nullable(),
      'created-at': z.iso.datetime(),
      'updated-at': z.iso.datetime(),
      'execution-mode': ExecutionMode,
      operations: z.boolean(),
      'setting-overwrites': z.object({ 'execution-mode': z.boolean(), 'agent-pool': z.boolean() }),
      'terraform-version': z.string(),
      'working-directory': z.string(),
      'terraform-workspace': z.string().describe("The CLI's workspace of the target that it is bound to."),
      locked: z.boolean().describe('A person locked it, or a run or a pull request holds its target.'),
      'locked-reason': z.string().nullable(),
      'tag-names': z.array(z.string()),
      'vcs-repo': z
        .object({
          identifier: z.string(),
          'display-identifier': z.string(),
          branch: z.string(),
          'service-provider': z.enum(['github', 'gitlab', 'gitea']),
          'oauth-token-id': z.string().nullable(),
          'github-app-installation-id': z.string().nullable(),
          'ingress-submodules': z.boolean(),
          'tags-regex': z.null(),
        })
        .nullable(),
      'vcs-repo-identifier': z.string().nullable(),
      ...kebabShape(WorkspaceSettings).shape,
      'auto-destroy-activity-duration': z
        .string()
        .nullable()
        .describe('Of its project while it inherits; nothing acts on it.'),
      'can-queue-destroy-plan': z.boolean(),
      'resource-count': z.null(),
      actions: z.object({ 'is-destroyable': z.boolean() }),
      permissions: kebabShape(WorkspacePermissions),
    }),
    relationships: z.object({
      organization: z.object({ data: identifier('organizations'), links: related }),
      project: z.object({ data: identifier('projects'), links: related }),
      'current-run': runLink,
      'latest-run': runLink.describe('Without data when the runs could not be asked for.'),
      'locked-by': z.object({
        data: z.object({ id: z.string(), type: z.enum(['users', 'teams', 'runs']) }).nullable(),
        links: related.optional(),
      }),
      'current-state-version': z.object({ data: z.null(), links: related }),
      'agent-pool': z.object({ data: z.null() }),
      'remote-state-consumers': link,
      vars: link,
      'tag-bindings': link,
      'effective-tag-bindings': z.object({
        data: z.array(identifier('effective-tag-bindings')).optional(),
        links: related,
      }),
    }),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'TfeWorkspace' });

export const RunResource = z
  .object({
    id: z.string(),
    type: z.literal('runs'),
    attributes: z.looseObject({
      status: z.enum([
        'pending',
        'plan_queued',
        'planning',
        'planned_and_finished',
        'apply_queued',
        'applying',
        'applied',
        'errored',
        'canceled',
      ]),
      message: z.string(),
      'created-at': z.iso.datetime(),
      'has-changes': z.boolean().nullable(),
      'plan-only': z.boolean(),
      'status-timestamps': z.record(z.string(), z.string()),
      'terramesh-run-id': z.string().describe('The run under /api/runs; it may have other targets too.'),
      ref: z.string(),
      commit: z.string().nullable(),
      'pull-request': z.int().nullable(),
    }),
    relationships: z.object({ workspace: z.object({ data: identifier('workspaces'), links: related }) }),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'TfeRun' });

export const TagResource = z
  .object({
    id: z.string(),
    type: z.literal('tags'),
    attributes: z.object({ name: z.string(), 'created-at': z.iso.datetime(), 'instance-count': z.int() }),
    relationships: z.object({ organization: z.object({ data: identifier('organizations') }) }),
  })
  .meta({ id: 'TfeTag' });

/** State and variables are not kept here: there are none to show. */
export const NothingResource = z
  .object({ id: z.string(), type: z.enum(['workspaces', 'vars']) })
  .meta({ id: 'TfeNothing', description: 'Never sent: the list is always empty.' });
