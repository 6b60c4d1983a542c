// Served by apps/projects: teams of an organization, and who is in them.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';

export const Team = z.object({
  /** `team-…` */
  id: z.string(),
  name: z.string(),
  organizationName: z.string(),
  isOwners: z.boolean(),
  /** `manage-projects` …: those that it has. */
  organizationAccess: z.array(z.string()),
  visibility: z.enum(['secret', 'organization']),
  ssoTeamId: z.string().nullable(),
  allowMemberTokenManagement: z.boolean(),
  usersCount: z.int().min(0),
  /** `user-…` of its members; of a large team in a list only the first. */
  accountIds: z.array(z.string()),
  /** `ou-…` of its members, in the same order. */
  membershipIds: z.array(z.string()),
  permissions: z.object({
    canUpdateMembership: z.boolean(),
    canDestroy: z.boolean(),
    canUpdateOrganizationAccess: z.boolean(),
    canUpdateApiToken: z.boolean(),
    canUpdateVisibility: z.boolean(),
    canUpdateName: z.boolean(),
  }),
});
export type Team = z.infer<typeof Team>;

const one = { caller: Caller, id: z.string() };
const Nothing = z.object({});
const changeMembers = (subject: string) =>
  operation({ subject, input: z.object({ ...one, document: Document }), output: Nothing, idempotent: true });

/** NOT_FOUND for what the caller may not see or do; UNPROCESSABLE for a document that breaks rules. */
export const teams = {
  list: operation({
    subject: 'projects.list-teams',
    input: z.object({
      caller: Caller,
      organizationName: z.string(),
      page: PageRequest,
      /** Any of these names, in either case. */
      names: z.array(z.string()).max(1000).optional(),
      query: z.string().optional(),
    }),
    output: pageOf(Team),
    idempotent: true,
  }),
  show: operation({ subject: 'projects.show-team', input: z.object(one), output: Team, idempotent: true }),
  create: operation({
    subject: 'projects.create-team',
    input: z.object({ caller: Caller, organizationName: z.string(), document: Document }),
    output: Team,
  }),
  update: operation({
    subject: 'projects.update-team',
    input: z.object({ ...one, document: Document }),
    output: Team,
    idempotent: true,
  }),
  /** FORBIDDEN for the team of the owners. */
  delete: operation({ subject: 'projects.delete-team', input: z.object(one), output: Nothing }),
  /** Members of the organization, by username. All or none. */
  addUsers: changeMembers('projects.add-team-users'),
  /** FORBIDDEN when the organization would have no owner any more. */
  removeUsers: changeMembers('projects.remove-team-users'),
  /** The same by the id of the membership. */
  addMemberships: changeMembers('projects.add-team-memberships'),
  removeMemberships: changeMembers('projects.remove-team-memberships'),
};
