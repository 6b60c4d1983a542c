// Served by apps/locks: who holds a target, and the global apply lock. A lock knows nothing of plans.
import { z } from 'zod';
import { event, operation } from './operation.js';
import { Repository, Target } from './targets.js';

export const LockKey = Repository.extend(Target.shape).meta({ id: 'LockKey' });
export type LockKey = z.infer<typeof LockKey>;

/** A pull request holds a lock for days, a run for minutes. A run may act for a pull request. */
export const LockHolder = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('run'), runId: z.string(), pull: z.int().positive().nullable() }),
    z.object({ kind: z.literal('pull'), pull: z.int().positive() }),
  ])
  .meta({ id: 'LockHolder' });
export type LockHolder = z.infer<typeof LockHolder>;

/** A person who locked a workspace: nobody else may plan or apply its target until it is unlocked. */
export const PersonHolder = z
  .object({
    kind: z.literal('person'),
    /** `ws-…` */
    workspaceId: z.string(),
    /** `<organization>/<workspace>` */
    workspace: z.string(),
    user: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'PersonHolder' });

/** Whoever may be found holding a lock; a person never waits in line. */
export const LockOwner = z.discriminatedUnion('kind', [...LockHolder.options, PersonHolder]).meta({ id: 'LockOwner' });
export type LockOwner = z.infer<typeof LockOwner>;

/** Why a lock may not be deleted or swept: its apply is running, or ended without anyone knowing how. */
export const LockGuard = z.enum(['none', 'applying', 'outcome_unknown']).meta({ id: 'LockGuard' });
export type LockGuard = z.infer<typeof LockGuard>;

export const Lock = z
  .object({
    key: LockKey,
    /** `<repository>/<directory>/<workspace>/<name>` (Atlantis: models.go GenerateLockKey). */
    name: z.string(),
    holder: LockOwner,
    /** Rises with every grant of this key; a write that carries an older one is refused. */
    fence: z.int().nonnegative(),
    guard: LockGuard,
    user: z.string(),
    /** Of the pull request, or empty. */
    url: z.string(),
    reason: z.string(),
    since: z.iso.datetime({ offset: true }),
    /** Who waits for it, first in line first; at most 20 are listed. */
    waiting: z.array(LockHolder),
  })
  .meta({ id: 'Lock' });
export type Lock = z.infer<typeof Lock>;

/** Of a lock, what stays as it is for as long as it is held with this fence. */
export const HeldLock = Lock.omit({ guard: true, waiting: true });
export type HeldLock = z.infer<typeof HeldLock>;

export const LockDecision = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('granted'), key: LockKey, fence: z.int().nonnegative() }),
  /** In line; call acquire again (it is idempotent) after `locks.changed` or a few seconds. */
  z.object({ decision: z.literal('waiting'), key: LockKey, behind: LockHolder, guard: LockGuard }),
  /**
   * Held by another pull request or by a person; or by a run that waits for this very holder, so that waiting would never
   * end. Not taken, not in line.
   */
  z.object({ decision: z.literal('refused'), key: LockKey, by: LockOwner }),
  /** Only with policy `all`: could be had, but is not taken because the key `because` is refused. */
  z.object({ decision: z.literal('withheld'), key: LockKey, because: LockKey, by: LockOwner }),
]);
export type LockDecision = z.infer<typeof LockDecision>;

/** The most keys that one call decides; a run has at most as many targets. */
export const maxLockKeys = 1000;

/** How many keys may have changed between two marks for `locks.changes` to tell. */
export const maxChangedKeys = 1000;

const Keys = z.array(LockKey).min(1).max(maxLockKeys);

export const locks = {
  /**
   * Decides all keys in one transaction. Free ones are taken, ones held by a run are queued for (first come, first
   * served), ones held by another pull request are refused. Re-entrant: the same holder asking again gets the same
   * fences. With policy `all`, nothing is taken or queued for when any key is refused. One decision for each key, in
   * the order of `keys`. A run asks for all its keys in one call: then no two runs can wait for each other.
   */
  acquire: operation({
    subject: 'locks.acquire',
    input: z.object({
      holder: LockHolder,
      keys: Keys,
      policy: z.enum(['each', 'all']).default('each'),
      user: z.string().max(255).default(''),
      url: z.string().max(2048).default(''),
      reason: z.string().max(255).default(''),
    }),
    output: z.object({ decisions: z.array(LockDecision) }),
    idempotent: true,
  }),
  /** Gives up what this holder holds or waits for on these keys, and nothing else. Unknown keys are ignored. */
  release: operation({
    subject: 'locks.release',
    input: z.object({ holder: LockHolder, keys: Keys }),
    output: z.object({ released: z.int().nonnegative() }),
    idempotent: true,
  }),
  /** Sets the guard of a held lock. CONFLICT when the holder no longer holds it with this fence. */
  guard: operation({
    subject: 'locks.guard',
    input: z.object({ holder: LockHolder, key: LockKey, fence: z.int().nonnegative(), guard: LockGuard }),
    output: z.object({ guard: LockGuard }),
    idempotent: true,
  }),
  /**
   * Lets the front of the line take over a lock whose guard is `outcome_unknown`: a fresh plan looks at what the lost
   * apply left behind. CONFLICT when the lock is in any other state or `holder` is not next in line.
   */
  takeOver: operation({
    subject: 'locks.take-over',
    input: z.object({ holder: LockHolder, key: LockKey }),
    output: z.object({ fence: z.int().nonnegative(), from: LockHolder }),
  }),
  /**
   * Held locks in the order of their names. `after` is the last name of the page before. A page is shorter than `limit`
   * when its locks would not fit a message, and never cuts locks of the same name apart: go on until `next` is null.
   */
  list: operation({
    subject: 'locks.list',
    input: z.object({
      after: z.string().max(4096).nullable().default(null),
      limit: z.int().min(1).max(1000).default(500),
    }),
    output: z.object({ locks: z.array(Lock), next: z.string().nullable() }),
    idempotent: true,
  }),
  /**
   * What is held now, for whoever knows what was held at the mark `since`: drop the fences in `gone`, then put `locks` in
   * their place. `mark` is that of this very moment. With `restart`, nothing is known of `since` (null never is), or too
   * much has changed: read all with `list`, then ask again with `mark`; that sets right what changed between the pages.
   */
  changes: operation({
    subject: 'locks.changes',
    input: z.object({ since: z.string().max(100).nullable() }),
    output: z.discriminatedUnion('answer', [
      z.object({
        answer: z.literal('changes'),
        mark: z.string(),
        gone: z.array(z.int().nonnegative()),
        locks: z.array(HeldLock),
      }),
      z.object({ answer: z.literal('restart'), mark: z.string() }),
    ]),
    idempotent: true,
  }),
  /**
   * One held lock, by its name or, where two hosts have the same repository, by `<hostname>/<name>`.
   * NOT_FOUND; CONFLICT when the name fits several.
   */
  find: operation({
    subject: 'locks.find',
    input: z.object({ name: z.string().min(1).max(4096) }),
    output: Lock,
    idempotent: true,
  }),
  /** Deletes a lock by hand, also a person's; the plan of a run or pull request is discarded. NOT_FOUND; CONFLICT while its apply is live. */
  delete: operation({
    subject: 'locks.delete',
    input: z.object({ name: z.string().min(1).max(4096) }),
    output: Lock,
  }),
  /** The global apply lock: while it is set nothing is applied. `since` is null when it is not set. */
  getApplyLock: operation({
    subject: 'locks.get-apply-lock',
    input: z.object({}),
    output: z.object({ since: z.iso.datetime({ offset: true }).nullable() }),
    idempotent: true,
  }),
  /** Sets or clears the global apply lock; setting it again keeps the first time. */
  setApplyLock: operation({
    subject: 'locks.set-apply-lock',
    input: z.object({ state: z.enum(['locked', 'unlocked']) }),
    output: z.object({ since: z.iso.datetime({ offset: true }).nullable() }),
    idempotent: true,
  }),
};

export const lockEvents = {
  /** A doorbell: somebody in line may now hold these. */
  changed: event({
    subject: 'event.locks.changed',
    payload: z.object({ runIds: z.array(z.string()) }),
    delivery: 'every-instance',
  }),
  /** A lock was deleted by hand: the holder's plan of this target is to be discarded. */
  deleted: event({
    subject: 'event.locks.deleted',
    payload: z.object({ eventId: z.uuid(), holder: LockHolder, key: LockKey }),
    delivery: 'one-per-service',
  }),
};
