// The JSON of records and ignore rules: flat, snake_case, times in UTC to the second.
import {
  DriftEventKind,
  DriftedResource,
  DriftQuiet,
  DriftRecord,
  DriftRecordStatus,
  driftNoise,
  IgnoreRuleInput,
  VcsType,
} from '@terramesh/contracts';
import { z } from 'zod';

const Count = z.int().nonnegative();
const Time = z.iso.datetime({ precision: 0 }).nullable();
const Text = z.string().nullable();

export const DriftRecordBody = z
  .object({
    id: z.uuid(),
    type: VcsType,
    hostname: z.string(),
    repository: z.string(),
    ref: z.string(),
    project_name: z.string(),
    path: z.string(),
    workspace: z.string(),
    status: DriftRecordStatus.describe(
      'What the newest check made of it: new, changed, known or resolved drift, in_sync, or unchecked.',
    ),
    quiet: DriftQuiet.nullable().describe('Why nobody is told of its drift.'),
    has_drift: z.boolean(),
    to_add: Count,
    to_change: Count,
    to_destroy: Count,
    to_import: Count,
    changes_outside: z.boolean(),
    summary: z.string(),
    fingerprint: Text.describe('The same as long as the same attributes differ in the same way.'),
    resolved_commit: Text,
    run_id: Text,
    last_checked: Time.describe('Of the newest check that could look.'),
    first_seen: Time.describe('Since when it drifts; kept after it was resolved.'),
    last_seen: Time,
    resolved_at: Time,
    error: Text.describe('Why the newest check could not look.'),
    failing_since: Time,
    last_failed: Time,
    gone_at: Time.describe('Since when it is no longer in the repository.'),
    owner: Text,
    acknowledged: DriftRecord.shape.acknowledged,
    snoozed_until: Time,
  })
  .meta({ id: 'DriftRecordBody' });
export type DriftRecordBody = z.infer<typeof DriftRecordBody>;

export const HistoryEntryBody = z
  .object({
    at: z.iso.datetime({ precision: 0 }),
    kind: DriftEventKind,
    run_id: Text,
    resolved_commit: Text,
    has_drift: z.boolean().nullable(),
    to_add: Count.nullable(),
    to_change: Count.nullable(),
    to_destroy: Count.nullable(),
    to_import: Count.nullable(),
    detail: z.string(),
  })
  .meta({ id: 'DriftHistoryEntry' });
export type HistoryEntryBody = z.infer<typeof HistoryEntryBody>;

export const HistoryPage = z
  .object({ history: z.array(HistoryEntryBody), next: Text })
  .meta({ id: 'DriftHistoryPage' });

export const DriftRecordDetails = DriftRecordBody.extend({
  changes: z.array(DriftedResource),
  changes_truncated: z.boolean().describe('There is more than is kept.'),
  history: z.array(HistoryEntryBody).describe('The newest 50.'),
}).meta({ id: 'DriftRecordDetails' });

export const DriftRecordsPage = z
  .object({ records: z.array(DriftRecordBody), next: Text })
  .meta({ id: 'DriftRecordsPage' });

const { by, reason, fingerprint } = driftNoise.acknowledge.input.shape;
export const AcknowledgeRequest = z
  .object({
    reason,
    by,
    fingerprint: fingerprint.describe('Refused with 409 when the target no longer drifts like this.'),
  })
  .meta({ id: 'AcknowledgeDriftRequest' });

const snooze = driftNoise.snooze.input.shape;
export const SnoozeRequest = z
  .object({ until: snooze.until.describe('In the next 90 days; null ends it.'), by: snooze.by, reason: snooze.reason })
  .meta({ id: 'SnoozeDriftRequest' });

export const OwnerRequest = z
  .object({ owner: driftNoise.setOwner.input.shape.owner.describe('Null for nobody.') })
  .meta({ id: 'DriftOwnerRequest' });

const { expiresAt, ...patterns } = IgnoreRuleInput.shape;
export const IgnoreRuleRequest = z
  .object({
    repository: patterns.repository.describe('`owner/name` or `hostname/owner/name`; `*` stands for any characters.'),
    address: patterns.address.describe('Of a resource, with its module; `*` stands for any characters.'),
    attribute: patterns.attribute.describe('Only these attributes, of updates; null: whole resources.'),
    reason: patterns.reason,
    owner: patterns.owner,
    expires_at: expiresAt.describe('Null: until it is deleted.'),
  })
  .meta({ id: 'IgnoreRuleRequest' });
export type IgnoreRuleRequest = z.infer<typeof IgnoreRuleRequest>;

export const IgnoreRuleBody = z
  .object({
    id: z.uuid(),
    repository: z.string(),
    address: z.string(),
    attribute: Text,
    reason: z.string(),
    owner: z.string(),
    expires_at: Time,
    created_at: z.iso.datetime({ precision: 0 }),
    updated_at: z.iso.datetime({ precision: 0 }),
  })
  .meta({ id: 'IgnoreRuleBody' });
export type IgnoreRuleBody = z.infer<typeof IgnoreRuleBody>;

export const IgnoreRulesPage = z.object({ rules: z.array(IgnoreRuleBody), next: Text }).meta({ id: 'IgnoreRulesPage' });
