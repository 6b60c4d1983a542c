// Served by apps/locks: locks that people put on workspaces. One on a workspace that is bound to a target keeps every run
// and pull request off that target.
import { z } from 'zod';
import { LockHolder } from './locks.js';
import { operation } from './operation.js';
import { maxPlaces, TargetPlace } from './target-runs.js';

export const PersonLock = z.object({
  /** `user-…`, `team-…` or `org-…`: whose token locked it. */
  ownerId: z.string(),
  /** The name to show. */
  user: z.string(),
  reason: z.string(),
  since: z.iso.datetime({ offset: true }),
});
export type PersonLock = z.infer<typeof PersonLock>;

/** Who keeps others off a workspace now; both null for nobody, never both set. */
export const WorkspaceStanding = z.object({
  person: PersonLock.nullable(),
  /** A run or pull request that holds the workspace's target, under any target name. */
  holder: LockHolder.nullable(),
});
export type WorkspaceStanding = z.infer<typeof WorkspaceStanding>;

const Line = z.string().max(1024);

export const workspaceLocks = {
  /** `place` is null for a workspace without a target. CONFLICT, with its `WorkspaceStanding` as details, when it is held. */
  lock: operation({
    subject: 'locks.lock-workspace',
    input: z.object({
      workspaceId: z.string().max(100),
      workspace: Line,
      place: TargetPlace.nullable(),
      ownerId: z.string().max(100),
      user: Line,
      reason: Line,
    }),
    output: PersonLock,
  }),
  /**
   * Takes a person's lock away. `by` is who asks, null when it is taken away by force. CONFLICT, with its
   * `WorkspaceStanding` as details, when there is none or it is another's.
   */
  unlock: operation({
    subject: 'locks.unlock-workspace',
    input: z.object({
      workspaceId: z.string().max(100),
      place: TargetPlace.nullable(),
      by: z.string().max(100).nullable(),
    }),
    output: PersonLock,
  }),
  /** One for each workspace, in their order. */
  standings: operation({
    subject: 'locks.standings-of-workspaces',
    input: z.object({
      workspaces: z.array(z.object({ workspaceId: z.string().max(100), place: TargetPlace.nullable() })).max(maxPlaces),
    }),
    output: z.object({ standings: z.array(WorkspaceStanding) }),
    idempotent: true,
  }),
  /** Workspaces that are no more: what people locked of them is free again. */
  forget: operation({
    subject: 'locks.forget-workspaces',
    input: z.object({ workspaceIds: z.array(z.string().max(100)).max(1000) }),
    output: z.object({}),
    idempotent: true,
  }),
};
