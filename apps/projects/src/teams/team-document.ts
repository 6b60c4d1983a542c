import { attributeError, documentError, organizationAccessNames } from '@terramesh/contracts';
import { accessProblems } from '../domain/identity-rules.js';

export interface TeamAttributes {
  readonly 'organization-access'?: Readonly<Partial<Record<string, boolean | null>>> | null | undefined;
}

/** What the team is allowed when the document has been heard; what it does not name stays. */
export function wantedOrganizationAccess(before: readonly string[], attributes: TeamAttributes): string[] {
  const asked = attributes['organization-access'] ?? {};
  const access = organizationAccessNames.filter((name) => asked[name] ?? before.includes(name));
  const problems = accessProblems(access);
  if (problems.length > 0) {
    const pointer = '/data/attributes/organization-access';
    throw documentError(problems.map((detail) => ({ title: 'invalid attribute', detail, pointer })));
  }
  return access;
}

/** The name of the owners' team is taken in every organization, also where that team was never seen. */
export function refuseOwnersName(name: string): void {
  if (name.toLowerCase() === 'owners') throw attributeError('name', 'Name has already been taken');
}

export function isSameAccess(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((name) => after.includes(name));
}
