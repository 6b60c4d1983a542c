import { describe, expect, test } from '@jest/globals';
import { CreateOrganizationDocument, CreateTeamDocument, UpdateOrganizationDocument } from './identity-documents.js';

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

test.each([
  [{ 'collaborator-auth-policy': 'two_factor_mandatory' }, 'Mandatory two factor authentication is not supported'],
  [{ 'user-tokens-enabled': false }, 'User tokens cannot be disabled'],
])('an organization does not take %j, which nothing here would enforce', (attributes, message) => {
  const { error } = UpdateOrganizationDocument.safeParse({ data: { type: 'organizations', attributes } });
  expect(error?.issues.map((issue) => issue.message)).toEqual([message]);
});

test('an organization takes the same settings where they ask for nothing', () => {
  const attributes = { 'collaborator-auth-policy': 'password', 'user-tokens-enabled': true };
  expect(UpdateOrganizationDocument.safeParse({ data: { type: 'organizations', attributes } }).success).toBe(true);
});

describe('an agent pool of an organization', () => {
  const pool = { 'default-agent-pool': { data: { type: 'agent-pools', id: 'apool-1111111111111111' } } };
  const none = { 'default-agent-pool': { data: null } };
  const agent = { 'default-execution-mode': 'agent' };

  test.each<[object, object, string[]]>([
    [{}, none, []],
    [{}, pool, ["Default agent pool must not be specified unless using 'agent' execution mode"]],
    [agent, pool, ['Default agent pool does not exist']],
    [agent, none, ["Default agent pool must be specified when using 'agent' execution mode"]],
  ])('with %j and %j is told as clients know it', (attributes, relationships, messages) => {
    const data = { type: 'organizations', attributes, relationships };
    const { error } = UpdateOrganizationDocument.safeParse({ data });
    expect((error?.issues ?? []).map(({ message }) => message)).toEqual(messages);
  });
});
