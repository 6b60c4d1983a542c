// A place is a key without the target's name: what shares one Terraform state, and what a person locks.
import { createHash } from 'node:crypto';
import type { LockKey, TargetPlace } from '@terramesh/contracts';

/** Identifies a place; repositories and hosts compare without regard to case, as in `keyId`. */
export function placeId(place: TargetPlace): string {
  const { hostname, repository, directory, terraformWorkspace } = place;
  const parts = [hostname.toLowerCase(), repository.toLowerCase(), directory, terraformWorkspace];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** The key under which a person's lock of the place is shown and named. */
export function keyOfPlace({ hostname, repository, directory, terraformWorkspace }: TargetPlace): LockKey {
  return { hostname, repository, directory, terraformWorkspace, name: '' };
}
