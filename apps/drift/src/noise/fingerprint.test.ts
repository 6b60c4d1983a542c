import { expect, test } from '@jest/globals';
import type { DriftedAttribute, DriftedResource } from '@terramesh/contracts';
import { fingerprintOf } from './fingerprint.js';

const attribute = (path: string, more: Partial<DriftedAttribute> = {}): DriftedAttribute => {
  return { path, before: '1', after: '2', sensitive: false, unknown: false, ...more };
};
const resource = (more: Partial<DriftedResource> = {}): DriftedResource => {
  return {
    address: 'a.x',
    kind: 'planned',
    actions: ['update'],
    attributes: [attribute('p'), attribute('q')],
    ...more,
  };
};
const base = fingerprintOf([resource(), resource({ address: 'a.y' })]);

test('the order of resources and attributes makes no difference', () => {
  const turned = resource({ attributes: [attribute('q'), attribute('p')] });
  expect(fingerprintOf([resource({ address: 'a.y' }), turned])).toBe(base);
});

test.each<[string, DriftedResource[]]>([
  ['one resource less', [resource()]],
  ['another address', [resource(), resource({ address: 'a.z' })]],
  ['another action', [resource(), resource({ address: 'a.y', actions: ['delete', 'create'] })]],
  ['one attribute less', [resource(), resource({ address: 'a.y', attributes: [attribute('p')] })]],
  [
    'another value',
    [resource(), resource({ address: 'a.y', attributes: [attribute('p', { before: '9' }), attribute('q')] })],
  ],
])('%s makes another fingerprint', (_what, changes) => {
  expect(fingerprintOf(changes)).not.toBe(base);
});

test('of a sensitive attribute only the path counts; what is known after the apply is one value', () => {
  const secret = (before: string) =>
    fingerprintOf([resource({ attributes: [attribute('p', { sensitive: true, before })] })]);
  expect(secret('a')).toBe(secret('b'));
  const unknown = (after: string) =>
    fingerprintOf([resource({ attributes: [attribute('p', { unknown: true, after })] })]);
  expect(unknown('a')).toBe(unknown('b'));
});

test('what was done outside and changes nothing that an apply would do is no drift', () => {
  expect(fingerprintOf([resource({ kind: 'outside' })])).toBeUndefined();
  expect(fingerprintOf([resource(), resource({ address: 'a.y' }), resource({ kind: 'outside' })])).toBe(base);
});
