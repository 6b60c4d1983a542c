import { describe, expect, test } from '@jest/globals';
import type { LockHolder, LockKey } from '@terramesh/contracts';
import { areCompatible, assertStorable, isSameHolder, keyId, lockName } from './claim.js';

const key: LockKey = {
  hostname: 'github.com',
  repository: 'acme/infra',
  directory: 'network',
  terraformWorkspace: 'default',
  name: '',
};
const run = (runId: string, pull: number | null = null): LockHolder => ({ kind: 'run', runId, pull });
const pull = (number: number): LockHolder => ({ kind: 'pull', pull: number });

describe('a key', () => {
  test('is named as Atlantis names it, with a trailing slash when the target has no name', () => {
    expect(lockName(key)).toBe('acme/infra/network/default/');
    expect(lockName({ ...key, directory: '.', name: 'net' })).toBe('acme/infra/./default/net');
  });

  test('is the same lock however the caller writes host and repository', () => {
    expect(keyId({ ...key, hostname: 'GitHub.com', repository: 'Acme/Infra' })).toBe(keyId(key));
  });

  test.each([
    { ...key, hostname: 'gitlab.com' },
    { ...key, repository: 'acme/infra2' },
    { ...key, directory: 'Network' },
    { ...key, terraformWorkspace: 'prod' },
    { ...key, name: 'net' },
    { ...key, directory: 'network/default', terraformWorkspace: '' },
  ])('is another lock when any part differs: %j', (other) => {
    expect(keyId(other)).not.toBe(keyId(key));
  });

  test.each([
    { ...key, directory: 'é'.repeat(1000) },
    { ...key, name: 'a\u0000b' },
  ])('that cannot be stored is INVALID', (bad) => {
    expect(() => assertStorable(bad)).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => assertStorable(key)).not.toThrow();
  });
});

describe('two holders', () => {
  test('are the same when the run or the pull request is', () => {
    expect(isSameHolder(run('run-a', 5), run('run-a'))).toBe(true);
    expect(isSameHolder(run('run-a', 5), run('run-b', 5))).toBe(false);
    expect(isSameHolder(pull(5), pull(5))).toBe(true);
    expect(isSameHolder(pull(5), run('5', 5))).toBe(false);
  });

  test.each([
    { one: pull(5), other: run('run-a', 5), compatible: true },
    { one: run('run-a', 5), other: pull(5), compatible: true },
    { one: pull(5), other: run('run-a', 6), compatible: false },
    { one: pull(5), other: run('run-a'), compatible: false },
    { one: pull(5), other: pull(6), compatible: false },
    { one: run('run-a', 5), other: run('run-b', 5), compatible: false },
    { one: run('run-a'), other: run('run-b'), compatible: false },
  ])('may hold a key at once only when one is the pull request of the other: %j', ({ one, other, compatible }) => {
    expect(areCompatible(one, other)).toBe(compatible);
  });
});
