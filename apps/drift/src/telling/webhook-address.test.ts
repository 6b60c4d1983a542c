import { describe, expect, test } from '@jest/globals';
import { checkWebhookUrl, isAllowedAddress } from './webhook-address.js';

describe('addresses', () => {
  test.each(['93.184.216.34', '1.1.1.1', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::101:101', '2002:101:101::1'])(
    '%s is public',
    (address) => {
      expect(isAllowedAddress(address, 'public-only')).toBe(true);
      expect(isAllowedAddress(address, 'private-too')).toBe(true);
    },
  );

  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
  ])('%s is private', (address) => {
    expect(isAllowedAddress(address, 'public-only')).toBe(false);
    expect(isAllowedAddress(address, 'private-too')).toBe(true);
  });

  test.each([
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    'nonsense',
  ])('%s is never allowed', (address) => {
    expect(isAllowedAddress(address, 'public-only')).toBe(false);
    expect(isAllowedAddress(address, 'private-too')).toBe(false);
  });
});

describe('urls', () => {
  test.each([
    ['nonsense', /must be an https address/],
    ['ftp://example.com', /must be an https address/],
    ['http://example.com', /must be https; http needs the setting TERRAMESH_WEBHOOK_ALLOW_PRIVATE/],
    ['https://user:word@example.com', /must not hold a user or a password/],
    ['https://127.0.0.1/x', /may not go to 127.0.0.1/],
    ['https://[::1]/x', /may not go to ::1/],
    ['https://0x7f.1/x', /may not go to 127.0.0.1/],
    ['https://2130706433/', /may not go to 127.0.0.1/],
    ['https://localhost:8443/', /may not go to localhost/],
    ['https://x.LOCALHOST./', /may not go to x.localhost/],
    ['https://169.254.169.254/latest', /may not go to/],
  ])('%s is refused', (url, message) => {
    expect(() => checkWebhookUrl(url, 'public-only')).toThrow(message);
  });

  test('a setting allows http and private addresses, and nothing more', () => {
    expect(checkWebhookUrl('http://10.0.0.1:8080/x?y#z', 'private-too').href).toBe('http://10.0.0.1:8080/x?y');
    expect(() => checkWebhookUrl('http://169.254.169.254/', 'private-too')).toThrow(/may not go to/);
  });
});
