// What a run saw of a ref's targets becomes records and history, in the caller's transaction.
import { randomUUID } from 'node:crypto';
import type { IgnoreRule, Target } from '@terramesh/contracts';
import { fingerprintOf, fingerprintOfCounts } from '../noise/fingerprint.js';
import { withoutIgnored } from '../noise/ignore-rules.js';
import type { StoredRecord } from '../persistence/record-row.js';
import { addHistory, loadRecords, type RecordedRef, saveRecords } from '../persistence/records.js';
import type { Transaction } from '../persistence/transaction.js';
import type { Observation } from './observation.js';
import { afterLook, type HistoryEntry, type Look, neverSeen, type RecordState } from './record-state.js';

export interface LooksOfRun {
  readonly ref: RecordedRef;
  readonly run: { readonly id: string; readonly commit: string | null };
  readonly observations: readonly Observation[];
  readonly rules: readonly IgnoreRule[];
  /** Undefined: the run did not look for every target. Else when it began to, and when it had. */
  readonly everyTarget: { readonly from: Date; readonly until: Date } | undefined;
}

/** A record as it is now. */
export interface Recorded {
  readonly record: StoredRecord;
  readonly before: RecordState;
  /** Undefined for a target that is gone. */
  readonly look: Look | undefined;
  /** Of the resources that drifted and are not ignored. */
  readonly addresses: readonly string[];
}

/** Saves what is new. One for each target that was seen and, when every target was looked for, that was not found. */
export async function recordLooks(tx: Transaction, looks: LooksOfRun): Promise<readonly Recorded[]> {
  const known = await loadRecords(tx, looks.ref);
  const byTarget = new Map(known.map((record) => [targetId(record.target), record]));
  const recorded: Recorded[] = [];
  const entries: { recordId: string; entry: HistoryEntry }[] = [];
  const keep = (before: RecordState, next: Recorded, news: readonly HistoryEntry[]) => {
    recorded.push({ ...next, before });
    for (const entry of news) entries.push({ recordId: next.record.id, entry });
  };
  for (const observation of looks.observations) {
    const record = byTarget.get(targetId(observation.target)) ?? newRecord(observation.target);
    byTarget.delete(targetId(observation.target));
    const { look, addresses } = lookOf(observation, looks);
    const { state, entries: news } = afterLook(record.state, look);
    keep(record.state, { record: { ...record, state }, before: record.state, look, addresses }, news);
  }
  if (looks.everyTarget !== undefined) {
    for (const record of byTarget.values()) {
      const state = afterAbsence(record.state, looks.everyTarget);
      if (state === record.state) continue;
      const { commit } = looks.run;
      const entry = { at: looks.everyTarget.until, runId: looks.run.id, commit, counts: null };
      const gone: Recorded = { record: { ...record, state }, before: record.state, look: undefined, addresses: [] };
      keep(record.state, gone, [{ ...entry, kind: 'gone', detail: 'it is no longer in the repository' }]);
    }
  }
  const changed = recorded.filter(({ record, before }) => record.state !== before);
  await saveRecords(
    tx,
    looks.ref,
    changed.map(({ record }) => record),
  );
  await addHistory(tx, entries);
  return recorded;
}

function lookOf(observation: Observation, { run, rules }: LooksOfRun): { look: Look; addresses: readonly string[] } {
  const { at, kind } = observation;
  const seen = { at, runId: run.id };
  if (kind === 'failed') return { look: { ...seen, kind, error: observation.error }, addresses: [] };
  const { counts, changes, truncated } = observation;
  const checked = { ...seen, kind, commit: run.commit, counts, changes, truncated };
  if (!counts.hasDrift) return { look: { ...checked, rawFingerprint: null, fingerprint: null }, addresses: [] };
  const rawFingerprint = fingerprintOf(changes) ?? fingerprintOfCounts(counts);
  const heard = withoutIgnored(changes, rules);
  // What was left out could be what nobody ignores.
  const isCertain = !truncated && changes.length > 0;
  const fingerprint = fingerprintOf(heard) ?? (isCertain ? null : rawFingerprint);
  const addresses = heard.filter((change) => change.kind === 'planned').map(({ address }) => address);
  return { look: { ...checked, rawFingerprint, fingerprint }, addresses };
}

/** A target that somebody saw after the repository was read is not gone. */
function afterAbsence(before: RecordState, { from, until }: { from: Date; until: Date }): RecordState {
  const lastSeen = Math.max(before.lastCheckedAt?.getTime() ?? 0, before.lastFailedAt?.getTime() ?? 0);
  return before.goneAt !== null || lastSeen >= from.getTime() ? before : { ...before, goneAt: until };
}

function newRecord(target: Target): StoredRecord {
  return {
    id: randomUUID(),
    target,
    state: neverSeen,
    owner: null,
    acknowledged: null,
    snoozedUntil: null,
    toldRawFingerprint: null,
    toldFingerprint: null,
    failureTold: false,
  };
}

function targetId({ directory, terraformWorkspace, name }: Target): string {
  return JSON.stringify([directory, terraformWorkspace, name]);
}
