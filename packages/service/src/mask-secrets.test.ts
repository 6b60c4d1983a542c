import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { maskSecrets } from './mask-secrets.js';
import { secretsOf } from './secrets-of.js';
import { defineSettings, setting } from './settings.js';

const mask = maskSecrets(['hunter22', 'hunter2', 'a"b\\c\nd', 'p@ss/word', '$1.*', 'abc', '']);

test.each([
  ['the password is hunter22, not hunter2!', 'the password is ***, not ***!'],
  ['hunter22hunter22', '******'],
  [JSON.stringify({ text: 'a"b\\c\nd' }), '{"text":"***"}'],
  ['https://host/?q=p%40ss%2Fword', 'https://host/?q=***'],
  ['cost: $1.*', 'cost: ***'],
  ['abc is too short to be one', 'abc is too short to be one'],
  ['postgres://app:other@host/db', 'postgres://app:***@host/db'],
  [
    'clone https://x-access-token:ghs_1@github.com/a/b failed',
    'clone https://x-access-token:***@github.com/a/b failed',
  ],
  ['http://host:80/a@b', 'http://host:80/a@b'],
  ['nothing', 'nothing'],
])('%j becomes %j', (text, expected) => {
  expect(mask(text)).toBe(expected);
});

test('long text without secrets is masked in linear time', () => {
  const text = 'a://'.repeat(200_000);
  expect(mask(text)).toBe(text);
});

test('the secrets of settings are their values and the passwords in them', () => {
  const text = { schema: z.string().optional(), description: 'x' };
  const definitions = defineSettings({
    plain: setting({ ...text, env: 'TERRAMESH_PLAIN' }),
    url: setting({ ...text, env: 'TERRAMESH_URL', secret: true }),
    odd: setting({ ...text, env: 'TERRAMESH_ODD', secret: true }),
    unset: setting({ ...text, env: 'TERRAMESH_UNSET', secret: true }),
  });
  const settings = { plain: 'plain', url: 'nats://u:p%40ss@host', odd: 'nats://u:50%@host', unset: undefined };
  expect(secretsOf(definitions, settings)).toEqual([settings.url, 'p%40ss', 'p@ss', settings.odd, '50%', '50%']);
});
