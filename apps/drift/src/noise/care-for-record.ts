import { Injectable } from '@nestjs/common';
import { AppError, type DriftRecord, type driftNoise, maxSnoozeDays, type ParsedInput } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { type Care, lockRecord, saveCare } from '../persistence/record-care.js';
import { driftRecordOf, type RecordRow } from '../persistence/record-row.js';
import { addHistory } from '../persistence/records.js';
import type { HistoryEntry } from '../records/record-state.js';

const dayMs = 24 * 3_600_000;

interface Cared {
  readonly care: Partial<Care>;
  readonly kind: HistoryEntry['kind'];
  readonly detail: string;
}

@Injectable()
export class CareForRecord {
  constructor(private readonly context: DriftContext) {}

  acknowledge(input: ParsedInput<typeof driftNoise.acknowledge>): Promise<DriftRecord> {
    const { by, reason } = input;
    return this.change(input.id, (row, now) => {
      const { raw_fingerprint: rawFingerprint, fingerprint } = row;
      if (rawFingerprint === null) throw new AppError('CONFLICT', 'it does not drift: there is nothing to acknowledge');
      const shown = fingerprint ?? rawFingerprint;
      if (input.fingerprint !== null && input.fingerprint !== shown) {
        throw new AppError('CONFLICT', `it drifts in another way by now: its fingerprint is ${shown}`);
      }
      const acknowledged = { by, reason, at: now.toISOString(), rawFingerprint, fingerprint };
      return { care: { acknowledged }, kind: 'acknowledged', detail: said(by, reason) };
    });
  }

  unacknowledge(id: string): Promise<DriftRecord> {
    return this.change(id, () => ({ care: { acknowledged: null }, kind: 'acknowledged', detail: 'no longer' }));
  }

  snooze(input: ParsedInput<typeof driftNoise.snooze>): Promise<DriftRecord> {
    return this.change(input.id, (_row, now) => {
      if (input.until === null) return { care: { snoozedUntil: null }, kind: 'snoozed', detail: 'no longer' };
      const until = new Date(input.until);
      const lastMs = now.getTime() + maxSnoozeDays * dayMs;
      if (until <= now || until.getTime() > lastMs) {
        throw new AppError('INVALID', `until: must be in the next ${maxSnoozeDays} days`);
      }
      const detail = `until ${until.toISOString()}: ${said(input.by, input.reason)}`;
      return { care: { snoozedUntil: until }, kind: 'snoozed', detail };
    });
  }

  setOwner({ id, owner }: ParsedInput<typeof driftNoise.setOwner>): Promise<DriftRecord> {
    return this.change(id, () => ({ care: { owner }, kind: 'owned', detail: owner ?? 'by nobody' }));
  }

  /** Saying what is the case already adds nothing to the history. */
  private change(id: string, decide: (row: RecordRow, now: Date) => Cared): Promise<DriftRecord> {
    return this.context.transaction(async (tx) => {
      const row = await lockRecord(tx, id);
      if (row === undefined) throw new AppError('NOT_FOUND', `there is no drift record ${id}`);
      const now = new Date();
      const { care, kind, detail } = decide(row, now);
      const before = { owner: row.owner, acknowledged: row.acknowledged, snoozedUntil: row.snoozed_until };
      const after: Care = { ...before, ...care };
      if (isSame(before, after)) return driftRecordOf(row, now);
      await saveCare(tx, id, after);
      const { commit, counts } = row;
      await addHistory(tx, [{ recordId: id, entry: { at: now, kind, runId: null, commit, counts, detail } }]);
      const { owner, acknowledged, snoozedUntil } = after;
      return driftRecordOf({ ...row, owner, acknowledged, snoozed_until: snoozedUntil }, now);
    });
  }
}

function isSame(before: Care, after: Care): boolean {
  const facts = ({ owner, acknowledged, snoozedUntil }: Care) => {
    const { at: _at, ...known } = acknowledged ?? { at: '' };
    return JSON.stringify([owner, acknowledged && known, snoozedUntil]);
  };
  return facts(before) === facts(after);
}

function said(by: string, reason: string): string {
  return [by, reason].filter((part) => part !== '').join(': ');
}
