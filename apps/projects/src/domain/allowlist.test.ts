import { describe, expect, test } from '@jest/globals';
import { allowlistProblem, isAllowed, parseAllowlist } from './allowlist.js';

const allowed = (rules: string, name: string) => {
  const [hostname = '', ...repository] = name.split('/');
  return isAllowed(parseAllowlist(rules), { hostname, repository: repository.join('/') });
};

describe('the allowlist', () => {
  test.each([
    ['*', 'github.com/acme/infra'],
    ['github.com/acme/infra', 'github.com/acme/infra'],
    ['GitHub.com/Acme/Infra', 'github.com/acme/INFRA'],
    ['github.com/acme/*', 'github.com/acme/infra'],
    ['github.com/*', 'github.com/acme/infra'],
    ['*.corp.example/*', 'git.corp.example/acme/infra'],
    ['github.com/acme/*-infra', 'github.com/acme/team-infra'],
    ['github.com/*/infra-*', 'github.com/acme/infra-eu'],
    ['github.com/acme/*a*', 'github.com/acme/a'],
    ['gitlab.com/acme/*', 'gitlab.com/acme/sub/infra'],
    [' gitlab.com/other/x , github.com/acme/infra ,', 'github.com/acme/infra'],
    ['github.com/acme/**', 'github.com/acme/infra'],
  ])('%s lets in %s', (rules, name) => {
    expect(allowed(rules, name)).toBe(true);
  });

  test.each([
    ['github.com/acme/infra', 'github.com/acme/infra2'],
    ['github.com/acme/infra', 'xgithub.com/acme/infra'],
    ['github.com/acme/*', 'github.com/acme2/infra'],
    ['github.com/acme/*', 'gitlab.com/acme/infra'],
    ['github.com/a/*-x', 'github.com/b/foo-x'],
    ['github.com/acme/*-infra', 'github.com/acme/team-infra-old'],
    ['github.com/acme/ab*bc', 'github.com/acme/abc'],
    ['github.com/acme/*.infra', 'github.com/acme/xinfra'],
    ['github.com/acme/inf.a', 'github.com/acme/infra'],
    ['!github.com/acme/secret', 'github.com/acme/infra'],
    ['github.com/acme/*,!github.com/acme/secret', 'github.com/acme/Secret'],
    ['! github.com/acme/secret,github.com/acme/*', 'github.com/acme/secret'],
    ['!*,github.com/acme/infra', 'github.com/acme/infra'],
    ['!github.com/acme/*-x,*', 'github.com/acme/foo-x'],
  ])('%s keeps out %s', (rules, name) => {
    expect(allowed(rules, name)).toBe(false);
  });

  test('a pattern of many stars is decided at once', () => {
    expect(allowed(`github.com/${'a*'.repeat(5000)}b`, `github.com/${'a'.repeat(400)}`)).toBe(false);
  });

  test.each(['', '  ', ' , ', 'https://github.com/acme/*', 'github.com/a/b,ssh://x', 'github.com/*,!'])(
    'cannot be %j',
    (rules) => expect(allowlistProblem(rules)).toEqual(expect.any(String)),
  );

  test.each(['*', 'github.com/acme/*', '*,!github.com/acme/secret'])('can be %j', (rules) => {
    expect(allowlistProblem(rules)).toBeUndefined();
  });
});
