import { expect, test } from '@jest/globals';
import { UpdateOrganizationDocument } from './identity-documents.js';

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
