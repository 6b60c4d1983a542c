import { describe, expect, test } from '@jest/globals';
import { type AdmissionRules, admitRepository } from './admit-repository.js';
import { parseAllowlist } from './allowlist.js';

const rules: AdmissionRules = {
  allowlist: parseAllowlist('ghe.local/acme/*,gitlab.com/acme/*'),
  hosts: {
    Github: { url: 'https://ghe.local:8443/git', hostname: 'ghe.local' },
    Gitlab: { url: 'file:///srv/git', hostname: '' },
    Gitea: null,
  },
};

describe('a repository is admitted', () => {
  test('with the host without its port and the URL to clone', () => {
    expect(admitRepository({ type: 'Github', repository: 'acme/infra' }, rules)).toEqual({
      hostname: 'ghe.local',
      repository: 'acme/infra',
      cloneUrl: 'https://ghe.local:8443/git/acme/infra.git',
    });
  });

  test('from a folder under the name of the public host', () => {
    expect(admitRepository({ type: 'Gitlab', repository: 'acme/eu/infra' }, rules)).toEqual({
      hostname: 'gitlab.com',
      repository: 'acme/eu/infra',
      cloneUrl: 'file:///srv/git/acme/eu/infra.git',
    });
  });
});

describe('a repository is refused', () => {
  test.each([
    ['a host that is not configured', { type: 'Gitea', repository: 'acme/infra' }, 'INVALID', /TERRAMESH_GITEA_URL/],
    ['a name that is none', { type: 'Github', repository: 'acme' }, 'INVALID', /owner\/name/],
    ['not on the allowlist', { type: 'Github', repository: 'other/infra' }, 'FORBIDDEN', /^repo not allowlisted$/],
  ] as const)('%s', (_reason, wanted, code, message) => {
    const admit = () => admitRepository(wanted, rules);
    expect(admit).toThrow(expect.objectContaining({ code }));
    expect(admit).toThrow(message);
  });
});
