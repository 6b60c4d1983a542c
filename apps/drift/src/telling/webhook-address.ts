// Where a webhook may lead: to strangers by https, and into one's own network only when a setting says so.
import { BlockList, isIP } from 'node:net';
import { AppError } from '@terramesh/contracts';

export type AddressRule = 'public-only' | 'private-too';

/** Never, whatever the setting says: nothing that could be told is there, and cloud credentials are. */
const never = blockListOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::/32',
]);
const own = blockListOf([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '::1/128',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  'fc00::/7',
  'fec0::/10',
]);
/** Each carries an IPv4 address in its last or its second and third groups. */
const wrapping = blockListOf(['::/96', '::ffff:0:0/96', '64:ff9b::/96', '2002::/16']);

/** Whether a message may be sent to this address, which a name was resolved to. */
export function isAllowedAddress(address: string, rule: AddressRule): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || never.check(address, family)) return false;
  if (family === 'ipv6' && isWrapping(address)) return isAllowedAddress(wrappedBy(address), rule);
  return rule === 'private-too' || !own.check(address, family);
}

/** The url in its normal form. Throws INVALID. Names are looked up only when something is sent. */
export function checkWebhookUrl(text: string, rule: AddressRule): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new AppError('INVALID', 'url must be an https address');
  }
  if (url.protocol === 'http:' && rule === 'public-only') {
    throw new AppError('INVALID', 'url must be https; http needs the setting TERRAMESH_WEBHOOK_ALLOW_PRIVATE');
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError('INVALID', 'url must not hold a user or a password');
  }
  url.hash = '';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocalName = /(^|\.)localhost\.?$/i.test(host);
  if ((isIP(host) !== 0 && !isAllowedAddress(host, rule)) || (isLocalName && rule === 'public-only')) {
    throw new AppError('INVALID', refusedAddressText(host));
  }
  return url;
}

export function refusedAddressText(address: string): string {
  return `webhooks may not go to ${address}; private addresses need the setting TERRAMESH_WEBHOOK_ALLOW_PRIVATE`;
}

function isWrapping(address: string): boolean {
  return address !== '::1' && wrapping.check(address, 'ipv6');
}

function wrappedBy(address: string): string {
  const groups = groupsOf(address);
  const [high, low] = groups[0] === 0x2002 ? [groups[1], groups[2]] : [groups[6], groups[7]];
  return [high ?? 0, low ?? 0].flatMap((group) => [group >> 8, group & 0xff]).join('.');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [hostname = ''] = /[0-9a-f:]+/.exec(new URL(`http://[${address.split('%', 1)[0]}]`).hostname) ?? [];
  const [head = '', tail] = hostname.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return parse(head);
  const after = parse(tail);
  const before = parse(head);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function blockListOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
