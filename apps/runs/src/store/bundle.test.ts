import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Bundle, bundleMismatch, packBundle, unpackBundle } from './bundle.js';
import { seal, unseal } from './sealed.js';

const meta = {
  commit: 'a'.repeat(40),
  distribution: 'terraform',
  toolVersion: '1.11.4',
  directory: 'network',
  terraformWorkspace: 'default',
};
const bundle: Bundle = {
  meta,
  files: new Map([
    ['terramesh.tfplan', randomBytes(5_000)],
    ['.terraform.lock.hcl', Buffer.from('# lüneburg\n')],
    ['empty', Buffer.alloc(0)],
  ]),
};

describe('a plan bundle', () => {
  test('comes out as it went in', () => {
    const { id, content } = packBundle(bundle);
    expect(unpackBundle(id, content)).toEqual(bundle);
  });

  test('is refused when one byte of it changed', () => {
    const { id, content } = packBundle(bundle);
    content.writeUInt8((content.at(-1) ?? 0) ^ 1, content.length - 1);
    expect(() => unpackBundle(id, content)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  test.each([
    [{ commit: 'b'.repeat(40) }, 'commit'],
    [{ distribution: 'opentofu' }, 'opentofu'],
    [{ toolVersion: '1.12.0' }, '1.12.0'],
    [{ directory: 'app' }, 'network'],
    [{ terraformWorkspace: 'prod' }, 'default'],
  ])('says which fact no longer holds: %j', (change, word) => {
    expect(bundleMismatch(meta, { ...meta, ...change })).toContain(word);
    expect(bundleMismatch(meta, meta)).toBeNull();
  });
});

describe('sealed content', () => {
  const key = randomBytes(32);
  const content = Buffer.from('a state with a password in it');

  test('is readable with its key and unreadable without', () => {
    const sealed = seal(key, content);
    expect(sealed.includes('password')).toBe(false);
    expect(unseal(key, sealed)).toEqual(content);
    for (const other of [null, randomBytes(32)])
      expect(() => unseal(other, sealed)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  test('from before a key was set stays readable', () => {
    expect(unseal(key, seal(null, content))).toEqual(content);
  });
});
