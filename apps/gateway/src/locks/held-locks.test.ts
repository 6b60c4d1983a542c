import { describe, expect, test } from '@jest/globals';
import type { HeldLock } from '@terramesh/contracts';
import { HeldLocks } from './held-locks.js';

function lockOf(fence: number, directory: string, more: Partial<HeldLock['key']> = {}): HeldLock {
  const key = { hostname: 'github.com', repository: 'acme/infra', directory, terraformWorkspace: 'default', name: '' };
  return {
    key: { ...key, ...more },
    name: `acme/infra/${directory}/default/`,
    holder: { kind: 'pull', pull: fence },
    fence,
    user: 'jdoe',
    url: '',
    reason: '',
    since: '2025-02-13T16:47:42.040Z',
  };
}

const shown = (held: HeldLocks): string[] =>
  JSON.parse(held.body.toString()).Locks.map((lock: { Name: string; PullID: string }) => `${lock.Name} ${lock.PullID}`);

describe('the kept body', () => {
  test('none is an empty list, also after the last one is gone', () => {
    const held = new HeldLocks();
    expect(held.body.toString()).toBe('{"Locks":[]}\n');
    held.change({ gone: [], locks: [lockOf(1, 'a')] });
    held.change({ gone: [1, 7], locks: [] });
    expect(held.body.toString()).toBe('{"Locks":[]}\n');
  });

  test('is sorted by name, and locks of the same name by age', () => {
    const held = new HeldLocks([lockOf(3, 'é'), lockOf(2, 'a'), lockOf(1, 'z')]);
    held.change({ gone: [], locks: [lockOf(5, 'b', { hostname: 'gitlab.com' }), lockOf(4, 'b')] });
    expect(shown(held)).toEqual(
      ['a', 'b', 'b', 'z', 'é'].map((name, at) => `acme/infra/${name}/default/ ${[2, 4, 5, 1, 3][at]}`),
    );
  });

  test('a lock that is gone and there again, or comes twice, is there once', () => {
    const held = new HeldLocks([lockOf(1, 'a'), lockOf(2, 'b')]);
    held.change({ gone: [1], locks: [lockOf(1, 'a'), lockOf(2, 'c')] });
    expect(shown(held)).toEqual(['acme/infra/a/default/ 1', 'acme/infra/c/default/ 2']);
  });

  test('after any changes it is the same as one made at once', () => {
    const all = new Map<number, HeldLock>();
    const held = new HeldLocks();
    for (let fence = 1; fence <= 200; fence += 1) {
      const lock = lockOf(fence, `d${(fence * 7) % 50}`);
      const gone = [...all.values()].filter(({ name }) => name === lock.name).map((other) => other.fence);
      for (const one of gone) all.delete(one);
      all.set(fence, lock);
      held.change({ gone, locks: [lock] });
      if (fence % 9 === 0) expect(held.body.equals(new HeldLocks([...all.values()].reverse()).body)).toBe(true);
    }
  });

  test('nothing new is the very same bytes', () => {
    const held = new HeldLocks([lockOf(1, 'a')]);
    const before = held.body;
    held.change({ gone: [], locks: [] });
    expect(held.body).toBe(before);
  });
});
