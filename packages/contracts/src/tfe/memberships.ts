// Served by apps/projects: who belongs to an organization.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';

export const Membership = z.object({
  /** `ou-…` */
  id: z.string(),
  organizationName: z.string(),
  accountId: z.string(),
  username: z.string(),
  email: z.string(),
  isSiteAdmin: z.boolean(),
  createdAt: z.iso.datetime(),
  teamIds: z.array(z.string()),
});
export type Membership = z.infer<typeof Membership>;

const one = { caller: Caller, id: z.string() };

/** NOT_FOUND for what the caller may not see or do; UNPROCESSABLE for a document that breaks rules. */
export const memberships = {
  list: operation({
    subject: 'projects.list-memberships',
    input: z.object({
      caller: Caller,
      /** Null: the caller's own, of every organization. */
      organizationName: z.string().nullable(),
      page: PageRequest,
      query: z.string().optional(),
      emails: z.array(z.string()).max(1000).optional(),
    }),
    output: pageOf(Membership),
    idempotent: true,
  }),
  show: operation({ subject: 'projects.show-membership', input: z.object(one), output: Membership, idempotent: true }),
  /** Those of them that the caller may see, in any order. */
  find: operation({
    subject: 'projects.find-memberships',
    input: z.object({ caller: Caller, ids: z.array(z.string()).max(10_000) }),
    output: z.object({ items: z.array(Membership) }),
    idempotent: true,
  }),
  /** Of somebody who has an account: at once, and without a message to that person. */
  create: operation({
    subject: 'projects.create-membership',
    input: z.object({ caller: Caller, organizationName: z.string(), document: Document }),
    output: Membership,
  }),
  /** Also leaves every team of the organization. FORBIDDEN for its last owner. */
  delete: operation({ subject: 'projects.delete-membership', input: z.object(one), output: z.object({}) }),
};
