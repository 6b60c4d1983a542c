// A claim: one holder's hold of one key, or its place in the line for it.
import { createHash } from 'node:crypto';
import { AppError, type LockGuard, type LockHolder, type LockKey } from '@terramesh/contracts';

export interface Claim {
  readonly key: LockKey;
  readonly holder: LockHolder;
  /** The place in line, and what identifies a claim: lower came first. */
  readonly ticket: number;
  /** Null while it waits. */
  readonly fence: number | null;
  readonly guard: LockGuard;
  readonly user: string;
  readonly url: string;
  readonly reason: string;
}

export type HeldClaim = Claim & { readonly fence: number };

export const isHeld = (claim: Claim): claim is HeldClaim => claim.fence !== null;
export const isWaiting = (claim: Claim): boolean => claim.fence === null;

const maxNameBytes = 2000;

/** What a person calls the lock (Atlantis: models.go GenerateLockKey); a nameless target leaves a trailing slash. */
export function lockName(key: LockKey): string {
  return `${key.repository}/${key.directory}/${key.terraformWorkspace}/${key.name}`;
}

/**
 * Identifies a key. Hosts take `Acme/Infra` and `acme/infra` for one repository, so they are one lock here too.
 */
export function keyId(key: LockKey): string {
  const parts = [
    key.hostname.toLowerCase(),
    key.repository.toLowerCase(),
    key.directory,
    key.terraformWorkspace,
    key.name,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Throws INVALID for a key whose name Postgres could not index, or whose text it could not store. */
export function assertStorable(key: LockKey): void {
  const name = lockName(key);
  assertText(key.hostname, name);
  if (Buffer.byteLength(name) > maxNameBytes) {
    throw new AppError('INVALID', `the lock name ${name.slice(0, 80)}… is longer than ${maxNameBytes} bytes`);
  }
}

/** Throws INVALID for text with a NUL or half a character: Postgres stores neither. */
export function assertText(...texts: readonly string[]): void {
  if (texts.some((text) => /[\0\p{Surrogate}]/u.test(text)))
    throw new AppError('INVALID', 'the text holds a character that is none');
}

/** Identifies a holder among those of one key: pull requests of other repositories have other keys. */
function holderId(holder: LockHolder): string {
  return holder.kind === 'run' ? `run:${holder.runId}` : `pull:${holder.pull}`;
}

export function isSameHolder(one: LockHolder, other: LockHolder): boolean {
  return holderId(one) === holderId(other);
}

/** True when both may hold a key at once: a pull request, and the run that acts for it. */
export function areCompatible(one: LockHolder, other: LockHolder): boolean {
  if (one.kind === other.kind) return isSameHolder(one, other);
  return one.pull === other.pull;
}
