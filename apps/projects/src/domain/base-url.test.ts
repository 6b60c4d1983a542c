import { describe, expect, test } from '@jest/globals';
import { BaseUrl } from './base-url.js';

describe('a base URL', () => {
  test.each([
    ['https://github.com', { url: 'https://github.com', hostname: 'github.com' }],
    ['https://GHE.Corp.example:8443/', { url: 'https://ghe.corp.example:8443', hostname: 'ghe.corp.example' }],
    ['http://localhost:3000/gitea//', { url: 'http://localhost:3000/gitea', hostname: 'localhost' }],
    ['ghe.local', { url: 'https://ghe.local', hostname: 'ghe.local' }],
    ['ghe.local:8443', { url: 'https://ghe.local:8443', hostname: 'ghe.local' }],
    ['file:///srv/git', { url: 'file:///srv/git', hostname: '' }],
    [' https://gitlab.com ', { url: 'https://gitlab.com', hostname: 'gitlab.com' }],
    ['off', null],
    ['OFF', null],
  ])('%s is understood', (text, expected) => {
    expect(BaseUrl.parse(text)).toEqual(expected);
  });

  test.each([
    '',
    'https://',
    'ssh://github.com',
    'git@github.com:acme',
    'https://user:secret@github.com',
    'https://token@github.com',
    'https://github.com?x=1',
    'https://github.com/?',
    'https://github.com#x',
    'file://host/srv',
    'file:///',
    'javascript:alert(1)',
  ])('%j is refused, and its value is not repeated', (text) => {
    const { success, error } = BaseUrl.safeParse(text);
    expect(success).toBe(false);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.message).not.toContain('secret');
  });
});
