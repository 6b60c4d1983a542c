// Served by apps/projects: the accounts of people, and the service users of teams and organizations.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';

export const Account = z.object({
  /** `user-…` */
  id: z.string(),
  username: z.string(),
  /** Null for a service user, and where the caller has no business with it. */
  email: z.string().nullable(),
  isServiceAccount: z.boolean(),
  isSiteAdmin: z.boolean(),
  /** Whose account this is: the user, the team, or the organization (by its name). */
  owner: z.object({ type: z.enum(['users', 'teams', 'organizations']), id: z.string() }),
  /** Whether the caller may change it, and make organizations with it. */
  isOwn: z.boolean(),
});
export type Account = z.infer<typeof Account>;

const one = { caller: Caller, id: z.string() };
const Nothing = z.object({});

/** NOT_FOUND for what the caller may not see or do; UNPROCESSABLE for a document that breaks rules. */
export const accounts = {
  details: operation({
    subject: 'projects.show-own-account',
    input: z.object({ caller: Caller }),
    output: Account,
    idempotent: true,
  }),
  updateOwn: operation({
    subject: 'projects.update-own-account',
    input: z.object({ caller: Caller, document: Document }),
    output: Account,
    idempotent: true,
  }),
  /** The caller's own, and those who share an organization with the caller. */
  show: operation({ subject: 'projects.show-account', input: z.object(one), output: Account, idempotent: true }),
  /** Those of them that the caller may see, in any order. */
  find: operation({
    subject: 'projects.find-accounts',
    input: z.object({ caller: Caller, ids: z.array(z.string()).max(10_000) }),
    output: z.object({ items: z.array(Account) }),
    idempotent: true,
  }),
  /** This and the following are for site administrators. */
  list: operation({
    subject: 'projects.list-accounts',
    input: z.object({ caller: Caller, page: PageRequest, query: z.string().optional() }),
    output: pageOf(Account),
    idempotent: true,
  }),
  create: operation({
    subject: 'projects.create-account',
    input: z.object({ caller: Caller, document: Document }),
    output: Account,
  }),
  /** FORBIDDEN for the last site administrator and the last owner of an organization. */
  delete: operation({ subject: 'projects.delete-account', input: z.object(one), output: Nothing }),
  /** FORBIDDEN when nobody would be a site administrator any more. */
  setSiteAdmin: operation({
    subject: 'projects.set-site-admin',
    input: z.object({ ...one, isSiteAdmin: z.boolean() }),
    output: Account,
    idempotent: true,
  }),
};
