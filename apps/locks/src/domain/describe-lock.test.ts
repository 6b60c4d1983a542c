import { describe, expect, test } from '@jest/globals';
import { Lock } from '@terramesh/contracts';
import { describeLocks, type Holding } from './describe-lock.js';
import { fitPage } from './fit-page.js';

const holding = (directory: string, more: Partial<Holding> = {}): Holding => ({
  key: { hostname: 'github.com', repository: 'acme/infra', directory, terraformWorkspace: 'default', name: '' },
  holder: { kind: 'run', runId: 'run-a', pull: 5 },
  fence: 3,
  guard: 'none',
  user: 'ada',
  url: 'https://github.com/acme/infra/pull/5',
  reason: 'plan',
  since: new Date('2026-01-02T03:04:05.678Z'),
  waiting: [],
  ...more,
});

describe('a described lock', () => {
  test('is what the contract says', () => {
    const [lock] = describeLocks([holding('.')]);
    expect(Lock.parse(lock)).toMatchObject({
      name: 'acme/infra/./default/',
      since: '2026-01-02T03:04:05.678Z',
      fence: 3,
    });
  });

  test('is one when a pull request and its run hold the same key, with the guard of the run', () => {
    const locks = describeLocks([
      holding('.', { guard: 'applying' }),
      holding('.', { holder: { kind: 'pull', pull: 5 }, fence: 2 }),
      holding('other'),
    ]);
    expect(locks).toMatchObject([
      { holder: { kind: 'pull', pull: 5 }, fence: 2, guard: 'applying' },
      { name: 'acme/infra/other/default/' },
    ]);
  });

  test('is in the place of the pull request also where its run writes the repository in another way', () => {
    const spelled = (repository: string) => ({ key: { ...holding('.').key, repository } });
    const locks = describeLocks([
      holding('.', { ...spelled('Acme/infra'), guard: 'applying' }),
      holding('.', spelled('B/other')),
      holding('.', { ...spelled('acme/infra'), holder: { kind: 'pull', pull: 5 } }),
    ]);
    expect(locks.map(({ name, guard }) => [name, guard])).toEqual([
      ['B/other/./default/', 'none'],
      ['acme/infra/./default/', 'applying'],
    ]);
  });
});

describe('a page that fits', () => {
  const locks = describeLocks(['a', 'b', 'b2', 'c'].map((directory) => holding(directory)));
  const sizeBytes = Buffer.byteLength(JSON.stringify(locks[0])) + 10;

  test('is whole when there is room', () => {
    expect(fitPage(locks, 100_000)).toEqual({ locks, next: null });
  });

  test('ends before the limit and says where to go on', () => {
    const page = fitPage(locks, 2 * sizeBytes);
    expect(page).toEqual({ locks: locks.slice(0, 2), next: 'acme/infra/b/default/' });
  });

  test('has at least one lock, and never cuts locks of one name apart', () => {
    expect(fitPage(locks, 1).locks).toHaveLength(1);
    const twins = [
      ...describeLocks([holding('a'), holding('a', { key: { ...holding('a').key, hostname: 'gitlab.com' } })]),
      ...locks.slice(1),
    ];
    expect(fitPage(twins, sizeBytes)).toMatchObject({ locks: [{}, {}], next: 'acme/infra/a/default/' });
  });
});
