import { expect, test } from '@jest/globals';
import { Lane } from './lane.js';

function pieces(count: number) {
  const waiting = Array.from({ length: count }, () => {
    let finish: () => void = () => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    return { done, finish };
  });
  const running: (typeof waiting)[number][] = [];
  const claim = async () => {
    const next = waiting.shift();
    if (next === undefined) return undefined;
    return async () => {
      running.push(next);
      await next.done;
      running.splice(running.indexOf(next), 1);
    };
  };
  return { claim, running, waiting };
}
const turns = async () => {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
};
const lane = (
  size: number,
  claim: () => Promise<(() => Promise<void>) | undefined>,
  onError = (_error: unknown) => {},
) => new Lane({ size, claim, pollMs: 60_000, onError });

test('work is done side by side up to the bound, and the next piece starts when one is done', async () => {
  const work = pieces(5);
  const lanes = lane(2, work.claim);
  lanes.ring();
  await turns();
  expect([work.running.length, work.waiting.length]).toEqual([2, 3]);
  work.running[0]?.finish();
  await turns();
  expect([work.running.length, work.waiting.length]).toEqual([2, 2]);
});

test('a ring while claims are made is not forgotten', async () => {
  let answer: (work: undefined) => void = () => {};
  let claims = 0;
  const lanes = lane(2, () => {
    claims++;
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  lanes.ring();
  lanes.ring();
  await turns();
  expect(claims).toBe(1);
  answer(undefined);
  await turns();
  expect(claims).toBe(2);
});

test('a claim or piece of work that fails is told of and stops nothing', async () => {
  const errors: unknown[] = [];
  const answers = [
    () => Promise.reject(new Error('no database')),
    async () => () => Promise.reject(new Error('a bug')),
    async () => undefined,
  ];
  const lanes = lane(
    2,
    () => (answers.shift() ?? (async () => undefined))(),
    (error) => errors.push(error),
  );
  lanes.ring();
  await turns();
  lanes.ring();
  await turns();
  expect(errors.map(String)).toEqual(['Error: no database', 'Error: a bug']);
});

test('after stopClaiming nothing is claimed, and idle waits for what runs', async () => {
  const work = pieces(3);
  const lanes = lane(1, work.claim);
  lanes.ring();
  await turns();
  await lanes.stopClaiming();
  const idle = lanes.idle();
  work.running[0]?.finish();
  await idle;
  lanes.ring();
  await turns();
  expect([work.running.length, work.waiting.length]).toEqual([0, 2]);
});
