// What drift tells people: the body of every webhook. One message of a kind per run, however many targets it has.
import { z } from 'zod';
import { Repository, Target } from '../targets.js';

const Timestamp = z.iso.datetime({ offset: true });
const Text = z.string().max(2000);

/** The most targets that one message lists; `totalTargets` counts all of them. */
export const maxToldTargets = 50;
/** The most addresses that one target of a message lists. */
export const maxToldAddresses = 20;

/** A target in a message, with what its last plan said. */
export const ToldTarget = z
  .object({
    target: Target,
    toAdd: z.int().nonnegative(),
    toChange: z.int().nonnegative(),
    toDestroy: z.int().nonnegative(),
    toImport: z.int().nonnegative(),
    changesOutside: z.boolean(),
    /** Of the resources that drifted; at most 20. */
    addresses: z.array(z.string().max(1000)).max(maxToldAddresses),
    owner: z.string().max(255).nullable().default(null),
  })
  .meta({ id: 'ToldTarget' });
export type ToldTarget = z.infer<typeof ToldTarget>;

const common = {
  /** Says the same message twice when it was delivered twice. */
  eventId: z.uuid(),
  at: Timestamp,
  repository: Repository,
  ref: z.string().max(255).nullable(),
};

const ofRun = { ...common, runId: z.string().nullable(), detectionId: z.uuid().nullable() };

const ofTargets = {
  ...ofRun,
  commit: z.string().max(64).nullable(),
  targets: z.array(ToldTarget).max(maxToldTargets),
  totalTargets: z.int().nonnegative(),
};

const ofChecks = {
  ...ofRun,
  /** `problem` is empty when it can be checked again. */
  targets: z.array(z.object({ target: Target, problem: Text })).max(maxToldTargets),
  totalTargets: z.int().nonnegative(),
  /** Why the repository as a whole could not be looked at; then perhaps no target of it is known. */
  reason: Text.nullable().default(null),
};

const ofSchedule = { ...common, scheduleId: z.uuid(), schedule: z.string().max(255) };

export const DriftMessage = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('drift.found'), ...ofTargets }),
    z.object({ kind: z.literal('drift.changed'), ...ofTargets }),
    z.object({ kind: z.literal('drift.resolved'), ...ofTargets }),
    z.object({ kind: z.literal('check.failed'), ...ofChecks }),
    z.object({ kind: z.literal('check.recovered'), ...ofChecks }),
    /** Nothing is remediated by itself until the breaker is closed. */
    z.object({
      kind: z.literal('breaker.opened'),
      ...ofRun,
      reason: Text,
      checkedTargets: z.int().nonnegative(),
      driftedTargets: z.int().nonnegative(),
    }),
    z.object({ kind: z.literal('breaker.closed'), ...common, reason: Text, user: z.string().max(255) }),
    z.object({
      kind: z.literal('remediation.finished'),
      ...common,
      remediationId: z.uuid(),
      runId: z.string().nullable(),
      action: z.enum(['plan', 'apply']),
      status: z.enum(['success', 'partial', 'failed']),
      totalTargets: z.int().nonnegative(),
      successCount: z.int().nonnegative(),
      failureCount: z.int().nonnegative(),
      reason: Text.nullable(),
    }),
    /** Drifted again within a set time after it was put right: it is left alone until somebody looks. */
    z.object({ kind: z.literal('loop.detected'), ...ofTargets, reason: Text }),
    /** The service was down, or behind, when turns were due; one run makes up for all of them. */
    z.object({
      kind: z.literal('schedule.missed'),
      ...ofSchedule,
      missed: z.int().positive(),
      firstMissedAt: Timestamp,
    }),
    /** The first failure after a success, and again only when the reason is another one. */
    z.object({
      kind: z.literal('schedule.failed'),
      ...ofSchedule,
      reason: Text,
      failures: z.int().positive(),
      nextRunAt: Timestamp,
    }),
  ])
  .meta({ id: 'DriftMessage' });
export type DriftMessage = z.infer<typeof DriftMessage>;

export const DriftMessageKind = z
  .enum(
    DriftMessage.options.map((option) => option.shape.kind.value) as [DriftMessage['kind'], ...DriftMessage['kind'][]],
  )
  .meta({ id: 'DriftMessageKind' });
export type DriftMessageKind = z.infer<typeof DriftMessageKind>;
