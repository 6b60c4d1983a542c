import { expect, test } from '@jest/globals';
import { lockName, lockPageUrl, targetFlags } from './target-links.js';

const target = (directory: string, terraformWorkspace: string, name = '') => ({ directory, terraformWorkspace, name });

test.each([
  [target('.', 'default'), '-d .'],
  [target('.', 'staging'), '-w staging'],
  [target('modules/vpc', 'default'), '-d modules/vpc'],
  [target('modules/vpc', 'staging'), '-d modules/vpc -w staging'],
  [target('my dir', 'default'), '-d "my dir"'],
  [target('modules/vpc', 'staging', 'vpc'), '-p vpc'],
])('%j → %s', (of, flags) => {
  expect(targetFlags(of)).toBe(flags);
});

test("the lock's page is found by its name escaped twice", () => {
  const url = lockPageUrl('http://host:4141', lockName('owner/repo', target('.', 'default')));
  expect(url).toBe('http://host:4141/lock?id=owner%252Frepo%252F.%252Fdefault%252F');
});
