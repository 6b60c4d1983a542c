// Served by apps/projects: who is behind a token, and whether they may call now.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';

export const Rate = z.object({
  /** Requests a second. */
  limit: z.int(),
  remaining: z.int().min(0),
  /** Until the whole limit is there again. */
  resetSeconds: z.number().min(0),
  allowed: z.boolean(),
});
export type Rate = z.infer<typeof Rate>;

export const access = {
  /** Also counts the call against the rate limit of the caller, or of the address when there is none. */
  identify: operation({
    subject: 'projects.identify',
    input: z.object({
      /** sha256 of the presented token in hex; null without one. Tokens themselves never travel. */
      tokenHash: z.string().nullable(),
      address: z.string().max(100),
    }),
    output: z.object({
      /** Null for a token that is unknown, expired or revoked. */
      caller: Caller.nullable(),
      /** Null when there is no limit. */
      rate: Rate.nullable(),
    }),
    idempotent: true,
  }),
};
