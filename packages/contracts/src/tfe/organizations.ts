// Served by apps/projects: organizations, which hold teams, projects and workspaces.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';

export const OrganizationSettings = z.object({
  /** Minutes; null for the installation's own. */
  sessionTimeout: z.int().nullable(),
  sessionRemember: z.int().nullable(),
  collaboratorAuthPolicy: z.enum(['password', 'two_factor_mandatory']),
  costEstimationEnabled: z.boolean(),
  sendPassingStatusesForUntriggeredSpeculativePlans: z.boolean(),
  aggregatedCommitStatusEnabled: z.boolean(),
  speculativePlanManagementEnabled: z.boolean(),
  assessmentsEnforced: z.boolean(),
  allowForceDeleteWorkspaces: z.boolean(),
  defaultExecutionMode: z.enum(['remote', 'local', 'agent']),
  ownersTeamSamlRoleId: z.string().nullable(),
  userTokensEnabled: z.boolean(),
});
export type OrganizationSettings = z.infer<typeof OrganizationSettings>;

/** What the caller may do with an organization. */
export const OrganizationPermissions = z.object({
  canUpdate: z.boolean(),
  canDestroy: z.boolean(),
  canTraverse: z.boolean(),
  canCreateTeam: z.boolean(),
  canManageUsers: z.boolean(),
  canCreateProject: z.boolean(),
  canCreateWorkspace: z.boolean(),
  canUpdateApiToken: z.boolean(),
});
export type OrganizationPermissions = z.infer<typeof OrganizationPermissions>;

export const Organization = z.object({
  /** `org-…`; the API's own id of it is the name. */
  id: z.string(),
  name: z.string(),
  email: z.string(),
  createdAt: z.iso.datetime(),
  settings: OrganizationSettings,
  permissions: OrganizationPermissions,
  /** `prj-…` */
  defaultProjectId: z.string().nullable(),
});
export type Organization = z.infer<typeof Organization>;

const named = { caller: Caller, name: z.string() };

/** NOT_FOUND for what the caller may not see or do; UNPROCESSABLE for a document that breaks rules. */
export const organizations = {
  list: operation({
    subject: 'projects.list-organizations',
    input: z.object({ caller: Caller, page: PageRequest, query: z.string().optional() }),
    output: pageOf(Organization),
    idempotent: true,
  }),
  show: operation({
    subject: 'projects.show-organization',
    input: z.object(named),
    output: Organization,
    idempotent: true,
  }),
  /** Born with it: the team of its owners, with the caller in it, and its Default Project. */
  create: operation({
    subject: 'projects.create-organization',
    input: z.object({ caller: Caller, document: Document }),
    output: Organization,
  }),
  update: operation({
    subject: 'projects.update-organization',
    input: z.object({ ...named, document: Document }),
    output: Organization,
  }),
  /** With everything in it. */
  delete: operation({
    subject: 'projects.delete-organization',
    input: z.object(named),
    output: z.object({}),
  }),
};
