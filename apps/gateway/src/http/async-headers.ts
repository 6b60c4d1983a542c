import { z } from 'zod';

/** The request headers of a route that begins `what`: whether to wait for it, and which call it is a repeat of. */
export function asyncHeaders(what: string) {
  return z.object({
    Prefer: z.string().optional().describe('`respond-async`: answer 202 at once instead of when it is over.'),
    'Idempotency-Key': z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe(`The same key and body within 24 hours give the same ${what}.`),
  });
}
