// Served by apps/drift: what keeps drift that nobody wants to hear of silent. Nothing of it changes what is recorded.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Line } from '../start-run.js';
import { DriftRecord } from './records.js';

const Timestamp = z.iso.datetime({ offset: true });
/** `*` stands for any characters; everything else for itself. */
const Pattern = Line.min(1).max(500);
const Person = Line.max(255);
const Reason = Line.min(1).max(1000);

/** The longest that a target can be snoozed, in days. */
export const maxSnoozeDays = 90;

export const IgnoreRuleInput = z
  .object({
    /** `owner/name`, or `hostname/owner/name`; in any case. */
    repository: Pattern.default('*'),
    /** Of a resource, with its module: `module.*.aws_autoscaling_group.*`. */
    address: Pattern.default('*'),
    /** Of an attribute: `desired_capacity`, `tags*`. Null: the whole resource, whatever happens to it. */
    attribute: Pattern.nullable().default(null),
    reason: Reason,
    owner: Person.default(''),
    /** Null: until it is deleted. */
    expiresAt: Timestamp.nullable().default(null),
  })
  .meta({ id: 'IgnoreRuleInput' });
export type IgnoreRuleInput = z.infer<typeof IgnoreRuleInput>;

export const IgnoreRule = IgnoreRuleInput.extend({
  id: z.uuid(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
}).meta({ id: 'IgnoreRule' });
export type IgnoreRule = z.infer<typeof IgnoreRule>;

/** The most ignore rules there may be. */
export const maxIgnoreRules = 1000;

const Id = z.object({ id: z.uuid() });

export const driftNoise = {
  /**
   * Keeps this very drift silent until it changes. With `fingerprint`, CONFLICT when the target no longer drifts like
   * that. NOT_FOUND; CONFLICT when it does not drift.
   */
  acknowledge: operation({
    subject: 'drift.acknowledge',
    input: Id.extend({
      by: Person.default(''),
      reason: Reason,
      fingerprint: z.string().max(100).nullable().default(null),
    }),
    output: DriftRecord,
    idempotent: true,
  }),
  /** Takes it back. NOT_FOUND. */
  unacknowledge: operation({ subject: 'drift.unacknowledge', input: Id, output: DriftRecord, idempotent: true }),
  /** Silent until a time in the next 90 days, whatever it does; null ends that. NOT_FOUND, INVALID. */
  snooze: operation({
    subject: 'drift.snooze',
    input: Id.extend({ until: Timestamp.nullable(), by: Person.default(''), reason: Line.max(1000).default('') }),
    output: DriftRecord,
    idempotent: true,
  }),
  /** Who is asked about the target; null for nobody. NOT_FOUND. */
  setOwner: operation({
    subject: 'drift.set-owner',
    input: Id.extend({ owner: Person.min(1).nullable() }),
    output: DriftRecord,
    idempotent: true,
  }),
  /** Applies to a target from its next check on. INVALID when it has expired, CONFLICT when there are too many. */
  createRule: operation({ subject: 'drift.create-ignore-rule', input: IgnoreRuleInput, output: IgnoreRule }),
  /** NOT_FOUND. */
  getRule: operation({ subject: 'drift.get-ignore-rule', input: Id, output: IgnoreRule, idempotent: true }),
  /** NOT_FOUND, INVALID. */
  replaceRule: operation({
    subject: 'drift.replace-ignore-rule',
    input: Id.extend({ rule: IgnoreRuleInput }),
    output: IgnoreRule,
    idempotent: true,
  }),
  /** NOT_FOUND. */
  deleteRule: operation({ subject: 'drift.delete-ignore-rule', input: Id, output: IgnoreRule }),
  /** Oldest first. `after` is `next` of the page before. */
  listRules: operation({
    subject: 'drift.list-ignore-rules',
    input: z.object({
      after: z.string().max(255).nullable().default(null),
      limit: z.int().min(1).max(100).default(50),
    }),
    output: z.object({ rules: z.array(IgnoreRule), next: z.string().nullable() }),
    idempotent: true,
  }),
};
