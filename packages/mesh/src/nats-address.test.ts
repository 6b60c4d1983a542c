import { expect, test } from '@jest/globals';
import { parseNatsAddress } from './nats-address.js';

test.each([
  ['nats://host', ['host:4222'], undefined, 'none'],
  ['nats://a:1,b:2, nats://c', ['a:1', 'b:2', 'c:4222'], undefined, 'none'],
  ['nats://user:p%40ss@host:1', ['host:1'], { user: 'user', password: 'p@ss' }, 'none'],
  ['nats://s3cr3t@host:1,other:1', ['host:1', 'other:1'], { token: 's3cr3t' }, 'none'],
  ['tls://host', ['host:4222'], undefined, 'tls'],
])('%s is understood', (url, servers, credentials, encryption) => {
  expect(parseNatsAddress(url)).toEqual({ servers, credentials, encryption });
});

test.each(['', 'host:4222', 'http://host', 'nats://', 'nats://user:hunter22@', 'nats://a,http://user:hunter22@b'])(
  '%j is refused without repeating it',
  (url) => {
    expect(() => parseNatsAddress(url)).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => parseNatsAddress(url)).not.toThrow('hunter22');
  },
);
