// Whether people are to be told of a target, from what it is and what they were last told. Pure.
import type { DriftQuiet } from '@terramesh/contracts';

export interface Acknowledged {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Of the drift that was acknowledged: all of it, and what was not ignored of it. */
  readonly rawFingerprint: string | null;
  readonly fingerprint: string | null;
}

export interface Hearing {
  readonly rawFingerprint: string | null;
  readonly fingerprint: string | null;
  readonly error: string | null;
  readonly acknowledged: Acknowledged | null;
  readonly snoozedUntil: Date | null;
  /** Null: people believe that there is no drift. */
  readonly toldRawFingerprint: string | null;
  readonly toldFingerprint: string | null;
  readonly failureTold: boolean;
}

export interface News {
  readonly drift: 'found' | 'changed' | 'resolved' | 'nothing';
  readonly check: 'failed' | 'recovered' | 'nothing';
}

/**
 * Compares with what was told, not with the look before: what was kept back – by a snooze that is over, by a rule that is
 * gone, by an open breaker – is told at the next look.
 */
export function newsOf(hearing: Hearing, now: Date): News {
  return { drift: driftNews(hearing, now), check: checkNews(hearing, now) };
}

/** Why nobody is told of this drift; null when it is told, and without drift. */
export function quietOf(
  { rawFingerprint, fingerprint, acknowledged, snoozedUntil }: Omit<Hearing, 'error' | `told${string}` | 'failureTold'>,
  now: Date,
): DriftQuiet | null {
  if (snoozedUntil !== null && snoozedUntil > now) return 'snoozed';
  if (rawFingerprint === null) return null;
  if (fingerprint === null) return 'ignored';
  return acknowledged !== null && isSame(acknowledged, { rawFingerprint, fingerprint }) ? 'acknowledged' : null;
}

function driftNews(hearing: Hearing, now: Date): News['drift'] {
  const wasTold = hearing.toldRawFingerprint !== null;
  if (quietOf(hearing, now) !== null) return 'nothing';
  if (hearing.rawFingerprint === null) return wasTold ? 'resolved' : 'nothing';
  if (!wasTold) return 'found';
  const told = { rawFingerprint: hearing.toldRawFingerprint, fingerprint: hearing.toldFingerprint };
  return isSame(told, hearing) ? 'nothing' : 'changed';
}

function checkNews({ error, failureTold, snoozedUntil }: Hearing, now: Date): News['check'] {
  if (error === null) return failureTold ? 'recovered' : 'nothing';
  return failureTold || (snoozedUntil !== null && snoozedUntil > now) ? 'nothing' : 'failed';
}

interface Fingerprints {
  readonly rawFingerprint: string | null;
  readonly fingerprint: string | null;
}

function isSame(one: Fingerprints, other: Fingerprints): boolean {
  return (
    (one.rawFingerprint !== null && one.rawFingerprint === other.rawFingerprint) ||
    (one.fingerprint !== null && one.fingerprint === other.fingerprint)
  );
}
