// Which part of a target's drift nobody wants to hear of. Pure.
import type { DriftedResource, IgnoreRule } from '@terramesh/contracts';
import { matchesPattern } from './matches-pattern.js';

type Rule = Pick<IgnoreRule, 'repository' | 'address' | 'attribute' | 'expiresAt'>;

/** The rules that hold for a repository at a time. Repositories are compared without regard to case. */
export function rulesFor<R extends Rule>(
  rules: readonly R[],
  { hostname, repository }: { hostname: string; repository: string },
  now: Date,
): readonly R[] {
  const names = [repository, `${hostname}/${repository}`].map((name) => name.toLowerCase());
  return rules.filter((rule) => {
    const isOver = rule.expiresAt !== null && new Date(rule.expiresAt) <= now;
    const pattern = rule.repository.toLowerCase();
    return !isOver && names.some((name) => matchesPattern(pattern, name));
  });
}

/**
 * What is left of the changes. A rule without an attribute takes a whole resource away. One with an attribute takes these
 * attributes from updates only: it never hides that a resource is created or destroyed. An update all of whose attributes
 * are taken away is gone.
 */
export function withoutIgnored(
  changes: readonly DriftedResource[],
  rules: readonly Rule[],
): readonly DriftedResource[] {
  return changes.flatMap((change) => {
    const fitting = rules.filter((rule) => matchesPattern(rule.address, change.address));
    if (fitting.some((rule) => rule.attribute === null)) return [];
    if (change.actions.some((action) => action !== 'update') || change.attributes.length === 0) return [change];
    const attributes = change.attributes.filter(
      ({ path }) => !fitting.some(({ attribute }) => attribute !== null && matchesPattern(attribute, path)),
    );
    return attributes.length === 0 ? [] : [{ ...change, attributes }];
  });
}
