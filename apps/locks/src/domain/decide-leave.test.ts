import { describe, expect, test } from '@jest/globals';
import type { LockGuard, LockHolder, LockKey } from '@terramesh/contracts';
import { runsToWake } from './changes.js';
import { type Claim, isSameHolder, keyId } from './claim.js';
import { decideDelete } from './decide-delete.js';
import { decideLeave } from './decide-leave.js';
import { decideTakeOver } from './decide-take-over.js';
import { inOrder } from './line.js';
import { numbersFrom } from './numbers.js';

const key: LockKey = {
  hostname: 'github.com',
  repository: 'acme/infra',
  directory: '.',
  terraformWorkspace: 'default',
  name: '',
};
const run = (runId: string, pull: number | null = null): LockHolder => ({ kind: 'run', runId, pull });
const pull = (number: number): LockHolder => ({ kind: 'pull', pull: number });
const numbers = () => numbersFrom(1000, 100);

/** A line in the order given; the first `held` of them hold. */
const lineOf = (holders: LockHolder[], held = 1, guard: LockGuard = 'none') =>
  inOrder(
    holders.map((holder, index): Claim => {
      const isHeld = index < held;
      const fence = isHeld ? index : null;
      return { key, holder, ticket: index, fence, guard: isHeld ? guard : 'none', user: '', url: '', reason: '' };
    }),
  );
const leave = (line: Claim[] | readonly Claim[], holder: LockHolder) =>
  decideLeave(new Map([[keyId(key), line]]), (claim) => isSameHolder(claim.holder, holder), numbers());
const holders = (claims: readonly Claim[]) => claims.map(({ holder }) => holder);

describe('when a claim leaves', () => {
  test('the next in line gets the lock with a higher fence, and only the next', () => {
    const { granted, left } = leave(lineOf([run('a'), run('b'), run('c')]), run('a'));
    expect(granted).toMatchObject([{ holder: run('b'), fence: 1000 }]);
    expect(holders(left)).toEqual([run('a')]);
  });

  test('giving up a place in line changes nothing for the others', () => {
    const { granted, left } = leave(lineOf([run('a'), run('b'), run('c')]), run('b'));
    expect(granted).toEqual([]);
    expect(holders(left)).toEqual([run('b')]);
  });

  test('who is not there changes nothing', () => {
    expect(leave(lineOf([run('a'), run('b')]), run('z'))).toEqual({ joined: [], granted: [], left: [] });
  });

  test('a pull request that is next brings in its run and sends the others out of the line', () => {
    const changes = leave(lineOf([run('a'), pull(5), run('b'), run('c', 5), run('d', 5)]), run('a'));
    expect(changes.granted).toMatchObject([
      { holder: pull(5), fence: 1000 },
      { holder: run('c', 5), fence: 1001 },
    ]);
    expect(holders(changes.left)).toEqual([run('a'), run('b')]);
    expect(runsToWake(changes)).toEqual(['c', 'b']);
  });

  test('the run of a pull request leaves and the pull request stays', () => {
    const { granted, left } = leave(lineOf([run('a', 5), pull(5), run('b', 5)], 2), run('a', 5));
    expect(holders(granted)).toEqual([run('b', 5)]);
    expect(holders(left)).toEqual([run('a', 5)]);
  });
});

describe('taking over', () => {
  test('gives a lock of unknown outcome to the front of the line, with a higher fence', () => {
    const line = lineOf([run('lost'), run('b'), run('c')], 1, 'outcome_unknown');
    const { fence, from, changes } = decideTakeOver(line, run('b'), numbers());
    expect({ fence, from }).toEqual({ fence: 1000, from: run('lost') });
    expect(changes.granted).toMatchObject([{ holder: run('b'), guard: 'none' }]);
    expect(holders(changes.left)).toEqual([run('lost')]);
  });

  test.each([
    { that: 'the guard is none', line: lineOf([run('a'), run('b')]), by: run('b') },
    { that: 'the apply is live', line: lineOf([run('a'), run('b')], 1, 'applying'), by: run('b') },
    {
      that: 'it is not first in line',
      line: lineOf([run('a'), run('c'), run('b')], 1, 'outcome_unknown'),
      by: run('b'),
    },
    { that: 'it is not in line', line: lineOf([run('a')], 1, 'outcome_unknown'), by: run('b') },
    { that: 'it is the holder', line: lineOf([run('a'), run('b')], 1, 'outcome_unknown'), by: run('a') },
    { that: 'nobody holds it', line: [], by: run('a') },
  ])('is a CONFLICT when $that', ({ line, by }) => {
    expect(() => decideTakeOver(line, by, numbers())).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });
});

describe('deleting', () => {
  test('removes every holder and promotes the next in line', () => {
    const { removed, changes } = decideDelete(lineOf([pull(5), run('a', 5), run('b', 5)], 2), numbers());
    expect(holders(removed)).toEqual([pull(5), run('a', 5)]);
    expect(holders(changes.granted)).toEqual([run('b', 5)]);
  });

  test('is refused in plain words while an apply runs', () => {
    expect(() => decideDelete(lineOf([run('run-1')], 1, 'applying'), numbers())).toThrow(
      'run run-1 is applying acme/infra/./default/; its lock can be deleted when the apply has ended',
    );
  });

  test('is allowed when the outcome is unknown: that is for a person to settle', () => {
    const { removed } = decideDelete(lineOf([run('a')], 1, 'outcome_unknown'), numbers());
    expect(removed).toHaveLength(1);
  });
});
