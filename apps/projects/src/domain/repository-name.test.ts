import { describe, expect, test } from '@jest/globals';
import { repositoryProblem } from './repository-name.js';

describe('a repository', () => {
  test.each([
    ['Github', 'acme/infra'],
    ['Github', 'Acme-1/in_fra.x'],
    ['Github', 'acme/.github'],
    ['Gitea', 'acme/infra'],
    ['Gitlab', 'acme/infra'],
    ['Gitlab', 'acme/platform/eu/infra'],
  ] as const)('%s %s is a name', (type, repository) => {
    expect(repositoryProblem(type, repository)).toBeUndefined();
  });

  test.each([
    ['Github', 'infra'],
    ['Github', 'acme/platform/infra'],
    ['Gitea', 'acme/platform/infra'],
    ['Gitlab', 'infra'],
    ['Gitlab', Array.from({ length: 23 }, () => 'a').join('/')],
    ['Gitlab', 'acme//infra'],
    ['Github', '/infra'],
    ['Github', 'acme/'],
    ['Github', '../infra'],
    ['Github', 'acme/..'],
    ['Github', 'acme/.'],
    ['Github', 'acme/in..fra'],
    ['Github', '-acme/infra'],
    ['Github', 'acme/-infra'],
    ['Github', 'https://github.com/acme/infra'],
    ['Github', 'acme/infra.git'],
    ['Github', 'acme/infra.GIT'],
    ['Github', 'acme/in fra'],
    ['Github', 'acme/infra\n'],
    ['Github', 'acme/in\u0000fra'],
    ['Github', 'acme/in%2e%2efra'],
    ['Github', 'acme/infra?x'],
    ['Github', 'acme\\infra/x'],
    ['Github', 'acme/ínfra'],
    ['Github', 'user@host:acme/infra'],
  ] as const)('%s %j is not a name', (type, repository) => {
    expect(repositoryProblem(type, repository)).toEqual(expect.stringContaining('repository must be'));
  });
});
