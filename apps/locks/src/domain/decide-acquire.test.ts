import { describe, expect, test } from '@jest/globals';
import type { LockHolder, LockKey } from '@terramesh/contracts';
import { isEmpty } from './changes.js';
import { type Claim, keyId } from './claim.js';
import { type AcquireRequest, decideAcquire } from './decide-acquire.js';
import { inOrder, type Lines } from './line.js';
import { numbersFrom, provisionalNumbers } from './numbers.js';

const keyOf = (directory: string): LockKey => ({
  hostname: 'github.com',
  repository: 'acme/infra',
  directory,
  terraformWorkspace: 'default',
  name: '',
});
const key = keyOf('.');
const run = (runId: string, pull: number | null = null): LockHolder => ({ kind: 'run', runId, pull });
const pull = (number: number): LockHolder => ({ kind: 'pull', pull: number });

let ticket = 0;
const claim = (holder: LockHolder, fence: number | null, more: Partial<Claim> = {}): Claim => {
  ticket += 1;
  return { key, holder, ticket, fence, guard: 'none', user: '', url: '', reason: '', ...more };
};
const linesOf = (...claims: Claim[]): Lines => {
  const ids = [...new Set(claims.map((each) => keyId(each.key)))];
  return new Map(ids.map((id) => [id, inOrder(claims.filter((each) => keyId(each.key) === id))]));
};

function acquire(request: Partial<AcquireRequest> & { holder: LockHolder }, lines: Lines, dependents: string[] = []) {
  return decideAcquire({ keys: [key], policy: 'each', user: '', url: '', reason: '', ...request }, lines, {
    numbers: numbersFrom(1000, 100),
    dependents: new Set(dependents),
  });
}

describe('one key', () => {
  const applying = { guard: 'applying' } as const;
  test.each([
    { that: 'a free one is granted', line: [], holder: run('b'), decision: { decision: 'granted', fence: 1000 } },
    {
      that: 'the holder gets its fence again',
      line: [claim(run('b'), 7), claim(run('c'), null)],
      holder: run('b'),
      decision: { decision: 'granted', fence: 7 },
    },
    {
      that: 'a run waits for another run and learns its guard',
      line: [claim(run('a'), 7, applying)],
      holder: run('b'),
      decision: { decision: 'waiting', behind: run('a'), guard: 'applying' },
    },
    {
      that: 'a run waits for another run of the same pull request',
      line: [claim(run('a', 5), 7), claim(pull(5), 8)],
      holder: run('b', 5),
      decision: { decision: 'waiting', behind: run('a', 5), guard: 'none' },
    },
    {
      that: 'who waits keeps waiting behind the one that holds it, not the one before it in line',
      line: [claim(run('a'), 7), claim(run('c'), null), claim(run('b'), null)],
      holder: run('b'),
      decision: { decision: 'waiting', behind: run('a'), guard: 'none' },
    },
    {
      that: 'a pull request waits for a run of another',
      line: [claim(run('a', 5), 7)],
      holder: pull(6),
      decision: { decision: 'waiting', behind: run('a', 5), guard: 'none' },
    },
    {
      that: 'a run of the pull request that holds it may enter',
      line: [claim(pull(5), 7)],
      holder: run('b', 5),
      decision: { decision: 'granted', fence: 1000 },
    },
    {
      that: 'a pull request may hold what its run holds, past those who wait',
      line: [claim(run('a', 5), 7), claim(run('c'), null)],
      holder: pull(5),
      decision: { decision: 'granted', fence: 1000 },
    },
    {
      that: 'a run of another pull request is refused',
      line: [claim(pull(5), 7)],
      holder: run('b', 6),
      decision: { decision: 'refused', by: pull(5) },
    },
    {
      that: 'a run without a pull request is refused by one',
      line: [claim(pull(5), 7)],
      holder: run('b'),
      decision: { decision: 'refused', by: pull(5) },
    },
    {
      that: 'another pull request is refused, by the pull request even where its run holds too',
      line: [claim(run('a', 5), 7), claim(pull(5), 8)],
      holder: pull(6),
      decision: { decision: 'refused', by: pull(5) },
    },
  ])('$that', ({ line, holder, decision }) => {
    expect(acquire({ holder }, linesOf(...line)).decisions).toEqual([{ key, ...decision }]);
  });

  test('asking again changes nothing, whether it holds, waits or is refused', () => {
    const lines = linesOf(claim(run('a'), 7), claim(run('b'), null));
    expect(isEmpty(acquire({ holder: run('a') }, lines).changes)).toBe(true);
    expect(isEmpty(acquire({ holder: run('b') }, lines).changes)).toBe(true);
    expect(isEmpty(acquire({ holder: run('b') }, linesOf(claim(pull(5), 7))).changes)).toBe(true);
  });

  test('a new claim says who asked, from where and why', () => {
    const { changes } = acquire({ holder: run('a'), user: 'ada', url: 'https://x', reason: 'plan' }, new Map());
    expect(changes.joined).toMatchObject([
      { key, holder: run('a'), fence: 1000, user: 'ada', url: 'https://x', reason: 'plan' },
    ]);
  });

  test('when a pull request takes it, those who wait for another leave the line and its own runs stay', () => {
    const lines = linesOf(claim(run('a', 5), 7), claim(run('c'), null), claim(run('d', 5), null), claim(pull(6), null));
    const { changes } = acquire({ holder: pull(5) }, lines);
    expect(changes.left.map(({ holder }) => holder)).toEqual([run('c'), pull(6)]);
  });

  test('waiting behind a run that waits for the caller is refused, because it would never end', () => {
    const { decisions, changes } = acquire({ holder: run('a') }, linesOf(claim(run('b'), 7)), ['b']);
    expect(decisions).toEqual([{ decision: 'refused', key, by: run('b') }]);
    expect(isEmpty(changes)).toBe(true);
  });
});

describe('several keys', () => {
  const [free, held, foreign] = [keyOf('free'), keyOf('held'), keyOf('foreign')];
  const lines = linesOf(claim(run('a'), 7, { key: held }), claim(pull(5), 8, { key: foreign }));

  test('policy each takes what is free, waits for what a run holds, and is refused the rest', () => {
    const { decisions } = acquire({ holder: run('b'), keys: [foreign, held, free] }, lines);
    expect(decisions).toMatchObject([
      { decision: 'refused', key: foreign },
      { decision: 'waiting', key: held },
      { decision: 'granted', key: free },
    ]);
  });

  test('policy all takes and queues for nothing when one is refused, and says which', () => {
    const { decisions, changes } = acquire({ holder: run('b'), keys: [free, held, foreign], policy: 'all' }, lines);
    expect(decisions).toEqual([
      { decision: 'withheld', key: free, because: foreign, by: pull(5) },
      { decision: 'withheld', key: held, because: foreign, by: pull(5) },
      { decision: 'refused', key: foreign, by: pull(5) },
    ]);
    expect(isEmpty(changes)).toBe(true);
  });

  test('policy all still says what the holder has', () => {
    const { decisions } = acquire({ holder: run('a'), keys: [held, foreign], policy: 'all' }, lines);
    expect(decisions).toMatchObject([{ decision: 'granted', fence: 7 }, { decision: 'refused' }]);
  });

  test('policy all waits like each when nothing is refused', () => {
    const { decisions } = acquire({ holder: run('b'), keys: [free, held], policy: 'all' }, lines);
    expect(decisions).toMatchObject([{ decision: 'granted' }, { decision: 'waiting' }]);
  });

  test('the same key twice is one claim and two equal answers', () => {
    const { decisions, changes } = acquire({ holder: run('b'), keys: [free, free] }, lines);
    expect(changes.joined).toHaveLength(1);
    expect(decisions[0]).toEqual(decisions[1]);
  });
});

test('whether a call would change anything does not depend on which numbers were issued', () => {
  const lines = linesOf(claim(run('a'), 7, { ticket: 1 }));
  const request = { holder: run('b'), keys: [key], policy: 'each', user: '', url: '', reason: '' } as const;
  const { changes } = decideAcquire(request, lines, { numbers: provisionalNumbers(), dependents: new Set() });
  expect(changes.joined).toHaveLength(1);
});
