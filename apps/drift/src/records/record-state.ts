// What is known of a target, and what one more look at it makes of that. Pure.
import type { DriftCounts, DriftEventKind, DriftedResource, DriftRecordStatus } from '@terramesh/contracts';

/** What a successful look found. The fingerprints are null without drift; `fingerprint` also when all of it is ignored. */
export interface Checked {
  readonly kind: 'checked' | 'applied';
  readonly at: Date;
  readonly runId: string;
  readonly commit: string | null;
  readonly counts: DriftCounts;
  readonly changes: readonly DriftedResource[];
  readonly truncated: boolean;
  readonly rawFingerprint: string | null;
  readonly fingerprint: string | null;
}

export interface CheckFailed {
  readonly kind: 'failed';
  readonly at: Date;
  readonly runId: string;
  readonly error: string;
}

export type Look = Checked | CheckFailed;

export interface RecordState {
  readonly status: DriftRecordStatus;
  readonly counts: DriftCounts | null;
  /** Undefined: what is stored stays. */
  readonly changes: readonly DriftedResource[] | undefined;
  readonly truncated: boolean;
  readonly rawFingerprint: string | null;
  readonly fingerprint: string | null;
  readonly commit: string | null;
  readonly runId: string | null;
  readonly lastCheckedAt: Date | null;
  readonly firstSeenAt: Date | null;
  readonly lastSeenAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly error: string | null;
  readonly failingSince: Date | null;
  readonly lastFailedAt: Date | null;
  readonly goneAt: Date | null;
}

export interface HistoryEntry {
  readonly at: Date;
  readonly kind: DriftEventKind;
  readonly runId: string | null;
  readonly commit: string | null;
  readonly counts: DriftCounts | null;
  readonly detail: string;
}

export const neverSeen: RecordState = {
  status: 'unchecked',
  counts: null,
  changes: [],
  truncated: false,
  rawFingerprint: null,
  fingerprint: null,
  commit: null,
  runId: null,
  lastCheckedAt: null,
  firstSeenAt: null,
  lastSeenAt: null,
  resolvedAt: null,
  error: null,
  failingSince: null,
  lastFailedAt: null,
  goneAt: null,
};

/**
 * The state after a look, and what is new in it for the history. A look that is older than what is known changes nothing:
 * then the state is the very one that was given.
 */
export function afterLook(before: RecordState, look: Look): { state: RecordState; entries: readonly HistoryEntry[] } {
  const { state, kinds } = look.kind === 'failed' ? afterFailure(before, look) : afterCheck(before, look);
  if (state === before) return { state, entries: [] };
  const isBack = before.goneAt !== null && look.at > before.goneAt;
  const entry = entryOf(look);
  return {
    state: isBack ? { ...state, goneAt: null } : state,
    entries: [...(isBack ? (['returned'] as const) : []), ...kinds].map((kind) => ({ ...entry, kind })),
  };
}

interface Step {
  readonly state: RecordState;
  readonly kinds: readonly DriftEventKind[];
}

/** Keeps what was known: a look that failed says nothing of drift. */
function afterFailure(before: RecordState, look: CheckFailed): Step {
  if (isBefore(look.at, before.lastCheckedAt) || isBefore(look.at, before.lastFailedAt)) {
    return { state: before, kinds: [] };
  }
  const failingSince = before.failingSince ?? look.at;
  const state = { ...before, changes: undefined, error: look.error, failingSince, lastFailedAt: look.at };
  return { state, kinds: before.error === look.error ? [] : ['failed'] };
}

function afterCheck(before: RecordState, look: Checked): Step {
  if (isBefore(look.at, before.lastCheckedAt)) return { state: before, kinds: [] };
  const status = statusAfter(before, look);
  const hasDrift = look.rawFingerprint !== null;
  const isFirstSight = hasDrift && (before.rawFingerprint === null || before.firstSeenAt === null);
  const stillFails = isBefore(look.at, before.lastFailedAt);
  const state: RecordState = {
    status,
    counts: look.counts,
    changes: look.changes,
    truncated: look.truncated,
    rawFingerprint: look.rawFingerprint,
    fingerprint: look.fingerprint,
    commit: look.commit,
    runId: look.runId,
    lastCheckedAt: look.at,
    firstSeenAt: isFirstSight ? look.at : before.firstSeenAt,
    lastSeenAt: hasDrift ? look.at : before.lastSeenAt,
    resolvedAt: hasDrift ? null : status === 'resolved' ? look.at : before.resolvedAt,
    error: stillFails ? before.error : null,
    failingSince: stillFails ? before.failingSince : null,
    lastFailedAt: before.lastFailedAt,
    goneAt: before.goneAt,
  };
  const recovered = before.error !== null && !stillFails ? (['recovered'] as const) : [];
  return { state, kinds: [...recovered, ...kindsOf(status, look)] };
}

/** Drift is the same while all of it is, or all of it that is not ignored. */
function statusAfter(before: RecordState, look: Checked): DriftRecordStatus {
  if (look.rawFingerprint === null) return before.rawFingerprint === null ? 'in_sync' : 'resolved';
  if (before.rawFingerprint === null) return 'new';
  const isSame =
    look.rawFingerprint === before.rawFingerprint ||
    (look.fingerprint !== null && look.fingerprint === before.fingerprint);
  return isSame || look.fingerprint === null ? 'known' : 'changed';
}

function kindsOf(status: DriftRecordStatus, look: Checked): readonly DriftEventKind[] {
  if (look.kind === 'applied') return ['applied'];
  if (status === 'new') return ['found'];
  return status === 'changed' || status === 'resolved' ? [status] : [];
}

function entryOf(look: Look): Omit<HistoryEntry, 'kind'> {
  const { at, runId } = look;
  if (look.kind === 'failed') return { at, runId, commit: null, counts: null, detail: look.error };
  return { at, runId, commit: look.commit, counts: look.counts, detail: look.counts.summary };
}

/** A look at the same moment is the same look: it changes nothing either. */
function isBefore(at: Date, known: Date | null): boolean {
  return known !== null && at <= known;
}
