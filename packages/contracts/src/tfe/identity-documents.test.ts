import { describe, expect, test } from '@jest/globals';
import { CreateOrganizationDocument, CreateTeamDocument } from './identity-documents.js';

const told = (document: typeof CreateTeamDocument | typeof CreateOrganizationDocument, name: string) => {
  const type = document === CreateTeamDocument ? 'teams' : 'organizations';
  const parsed = document.safeParse({ data: { type, attributes: { name, email: 'a@example.com' } } });
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
};

describe('the name of a team', () => {
  test.each(['foo', 'foo bar', 'a', 'A  b-c_9'])('may be %j', (name) => {
    expect(told(CreateTeamDocument, name)).toEqual([]);
  });

  test.each([' foo', 'foo ', ' ', 'foo\tbar', 'foo\u00a0bar', '! / nope', 'fünf', 'a.b'])('cannot be %j', (name) => {
    expect(told(CreateTeamDocument, name)).toContain(
      'Name may only contain letters, numbers, spaces, hyphens, and underscores, and may not begin or end with a space',
    );
  });
});

test('the name of an organization has no spaces: it stands in paths', () => {
  expect(told(CreateOrganizationDocument, 'foo bar')).toEqual([
    'Name may only contain letters, numbers, hyphens, and underscores',
  ]);
});
