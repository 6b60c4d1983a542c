import { describe, expect, test } from '@jest/globals';
import { lockedPackages } from './lock-file.js';

const [one, two] = [`h1:${'A'.repeat(43)}=`, `h1:${'/+'.repeat(21)}b=`];
const block = (source: string, hashes: readonly string[], more = '') =>
  `provider "${source}" {\n  version     = "5.1.0-beta.1+x"\n  constraints = "~> 5.0, != 5.0.1"\n  hashes = [\n${hashes
    .map((hash) => `    "${hash}",\n`)
    .join('')}  ]\n${more}}\n`;

test('the packages of a lock file are known by source, version and h1 hashes', () => {
  const zip = `zh:${'a'.repeat(64)}`;
  const text = `# This file is maintained automatically.\n\n${block('registry.terraform.io/hashicorp/aws', [one, two, zip])}
// by hand\n${block('localhost:8443/a-b/c', [zip])}`;
  const version = '5.1.0-beta.1+x';
  const expected = [
    { source: 'registry.terraform.io/hashicorp/aws', version, hashes: [one, two] },
    { source: 'localhost:8443/a-b/c', version, hashes: [] },
  ];
  expect(lockedPackages(text)).toEqual(expected);
  expect(lockedPackages(text.replaceAll('\n', '\r\n'))).toEqual(expected);
});

describe('nothing is known', () => {
  const good = block('registry.terraform.io/hashicorp/aws', [one]);
  test.each([
    ['of an empty file', ''],
    ['when a source leads elsewhere', block('../../etc', [one])],
    ['when a part of a source is hidden', block('registry.terraform.io/.x/aws', [one])],
    ['when a version leads elsewhere', good.replace('5.1.0-beta.1+x', '../5')],
    ['without a version', good.replace(/version .*/, '')],
    ['of a comment around a part', good.replace('  hashes', '/*\n  hashes')],
    ['of a hash behind another on its line', good.replace(`"${one}",`, `"${one}", "${two}",`)],
    ['when it ends in the middle', good.slice(0, -2)],
    ['when blocks are nested', block('registry.terraform.io/hashicorp/aws', [one], good)],
    ['of a conflict left in it', `<<<<<<< HEAD\n${good}`],
  ])('%s', (_what, text) => {
    expect(lockedPackages(text)).toEqual([]);
  });
});
