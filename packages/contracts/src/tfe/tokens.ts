// Served by apps/projects: tokens. The gateway makes them; only their hashes travel and are kept.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';

export const Token = z.object({
  /** `at-…` */
  id: z.string(),
  description: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  expiredAt: z.iso.datetime().nullable(),
  /** `user-…`; null when it was not a person, or nobody who is still there. */
  createdBy: z.string().nullable(),
  /** `team-…` of a team's token. */
  teamId: z.string().nullable(),
});
export type Token = z.infer<typeof Token>;

/** Whose tokens: an account's, a team's by its id, an organization's by its name. */
const TokenOwner = z.object({ kind: z.enum(['user', 'team', 'organization']), id: z.string() });
export type TokenOwner = z.infer<typeof TokenOwner>;

const owned = { caller: Caller, owner: TokenOwner };
const one = { caller: Caller, id: z.string() };
const Nothing = z.object({});

/** NOT_FOUND for what the caller may not see or do; UNPROCESSABLE for a document that breaks rules. */
export const tokens = {
  list: operation({
    subject: 'projects.list-tokens',
    input: z.object(owned),
    output: z.object({ items: z.array(Token) }),
    idempotent: true,
  }),
  create: operation({
    subject: 'projects.create-token',
    input: z.object({
      ...owned,
      document: Document,
      /** sha256 in hex. */
      tokenHash: z.string().regex(/^[\da-f]{64}$/),
      /** `single`: takes the place of the owner's other single one. */
      as: z.enum(['single', 'another']),
    }),
    output: Token,
  }),
  /** The single token of a team or an organization. */
  showSingle: operation({
    subject: 'projects.show-single-token',
    input: z.object(owned),
    output: Token,
    idempotent: true,
  }),
  deleteSingle: operation({ subject: 'projects.delete-single-token', input: z.object(owned), output: Nothing }),
  show: operation({ subject: 'projects.show-token', input: z.object(one), output: Token, idempotent: true }),
  delete: operation({ subject: 'projects.delete-token', input: z.object(one), output: Nothing }),
};
