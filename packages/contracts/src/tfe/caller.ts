// Who calls the TFE API: made by `access.identify`, handed to every operation as `caller`.
import { z } from 'zod';

export const Caller = z.object({
  /** `at-…` */
  tokenId: z.string(),
  kind: z.enum(['user', 'team', 'organization']),
  /** `user-…`: the person, or the service user of a team or an organization. */
  accountId: z.string(),
  /** `user-…`, `team-…` or `org-…`: whom the token belongs to. */
  ownerId: z.string(),
});
export type Caller = z.infer<typeof Caller>;
