// Names a target's drift: the same text as long as the same attributes of the same resources differ in the same way. Pure.
import { createHash } from 'node:crypto';
import type { DriftCounts, DriftedResource } from '@terramesh/contracts';

/** Undefined when nothing is left that an apply would do. Of sensitive values only their path counts. */
export function fingerprintOf(changes: readonly DriftedResource[]): string | undefined {
  const planned = changes.filter(({ kind }) => kind === 'planned');
  if (planned.length === 0) return undefined;
  const resources = planned.map(({ address, actions, attributes }) => [
    address,
    actions,
    attributes
      .map(({ path, sensitive, unknown, before, after }) =>
        JSON.stringify(sensitive ? [path] : [path, digest(before), unknown ? 'unknown' : digest(after)]),
      )
      .sort(),
  ]);
  return hash(resources.map((resource) => JSON.stringify(resource)).sort());
}

/** For drift whose resources are not known. */
export function fingerprintOfCounts({ summary: _summary, ...counts }: DriftCounts): string {
  return hash(counts);
}

function digest(value: string | null): string | null {
  return value === null ? null : createHash('sha256').update(value).digest('base64url');
}

function hash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}
