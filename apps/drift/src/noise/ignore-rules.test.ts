import { describe, expect, test } from '@jest/globals';
import type { DriftAction, DriftedResource } from '@terramesh/contracts';
import { rulesFor, withoutIgnored } from './ignore-rules.js';

const rule = (more: Partial<Parameters<typeof rulesFor>[0][number]> = {}) => {
  return { repository: '*', address: '*', attribute: null, expiresAt: null, ...more };
};
const resource = (address: string, paths: readonly string[], actions: DriftAction[] = ['update']): DriftedResource => ({
  address,
  kind: 'planned',
  actions,
  attributes: paths.map((path) => ({ path, before: '1', after: '2', sensitive: false, unknown: false })),
});

describe('which rules hold', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const of = { hostname: 'github.com', repository: 'Acme/Infra' };

  test.each([
    [{ repository: 'acme/*' }, true],
    [{ repository: 'GITHUB.com/acme/infra' }, true],
    [{ repository: 'gitlab.com/*' }, false],
    [{ repository: 'infra' }, false],
    [{ expiresAt: '2026-01-01T00:00:01Z' }, true],
    [{ expiresAt: '2026-01-01T00:00:00Z' }, false],
  ])('%j: %p', (more, holds) => {
    expect(rulesFor([rule(more)], of, now)).toHaveLength(holds ? 1 : 0);
  });
});

describe('what is left', () => {
  const left = (changes: DriftedResource[], ...rules: ReturnType<typeof rule>[]) =>
    withoutIgnored(changes, rules).map(({ address, attributes }) => [address, ...attributes.map(({ path }) => path)]);

  test('a rule without an attribute takes whole resources, whatever happens to them', () => {
    const changes = [resource('a.x', [], ['delete', 'create']), resource('b.x', ['p'])];
    expect(left(changes, rule({ address: 'a.*' }))).toEqual([['b.x', 'p']]);
  });

  test('a rule with an attribute takes it from updates; without any, the update is gone', () => {
    const changes = [resource('a.x', ['p', 'q']), resource('a.y', ['p'])];
    expect(left(changes, rule({ attribute: 'p' }))).toEqual([['a.x', 'q']]);
    expect(left(changes, rule({ attribute: 'p' }), rule({ attribute: 'q*' }))).toEqual([]);
  });

  test.each([[['create']], [['delete']], [['delete', 'create']], [['import']], [['forget']]] as [DriftAction[]][])(
    'a rule with an attribute never hides %j',
    (actions) => {
      expect(left([resource('a.x', ['p'], actions)], rule({ attribute: '*' }))).toEqual([['a.x', 'p']]);
    },
  );

  test('an update without known attributes is not hidden by one', () => {
    expect(left([resource('a.x', [])], rule({ attribute: '*' }))).toEqual([['a.x']]);
  });
});
