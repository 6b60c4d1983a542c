import { describe, expect, test } from '@jest/globals';
import { UpdateWorkspaceDocument } from './workspace-documents.js';

function problemsOf(version: unknown) {
  const attributes = { 'terraform-version': version };
  const parsed = UpdateWorkspaceDocument.safeParse({ data: { type: 'workspaces', attributes } });
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

describe('the version of Terraform', () => {
  test.each([
    'latest',
    '1.11.4',
    '0.10.0',
    '1.12.0-beta1',
    '1.9.0+build.1',
    '~> 1.11.0',
    '>= 1.5, < 2.0.0',
    '1.5',
    null,
  ])('may be %j', (version) => {
    expect(problemsOf(version)).toEqual([]);
  });

  test.each(['nonexisting', 'Latest', '1.x', '1.2.3.4', '1.5 1.6', '>= 1.5,', '1.5.0; rm', 'v', '~>'])(
    'cannot be %j',
    (version) => {
      expect(problemsOf(version)).toEqual([
        "Terraform version must be a version, a constraint of versions, or 'latest'",
      ]);
    },
  );

  test('cannot be blank', () => {
    expect(problemsOf(' ')).toEqual(["Terraform version can't be blank"]);
  });
});
