import { expect, test } from '@jest/globals';
import { type Claimed, Lane } from './lane.js';

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
    if (next === undefined) return 'none' as const;
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
const lane = (size: number, claim: () => Promise<Claimed>, onError = (_error: unknown) => {}) =>
  new Lane({ size, claim, pollMs: 60_000, onError });

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
  let answer: (work: Claimed) => void = () => {};
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
  answer('none');
  await turns();
  expect(claims).toBe(2);
});

test('a claim or piece of work that fails is told of and stops nothing', async () => {
  const errors: unknown[] = [];
  const answers = [
    () => Promise.reject(new Error('no database')),
    async () => () => Promise.reject(new Error('a bug')),
    async () => 'none' as const,
  ];
  const lanes = lane(
    2,
    () => (answers.shift() ?? (async () => 'none' as const))(),
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

test('when nothing waits, the end of a piece of work asks for no other, until somebody rings', async () => {
  const work = pieces(1);
  let claims = 0;
  const lanes = lane(2, () => {
    claims++;
    return work.claim();
  });
  lanes.ring();
  await turns();
  expect(claims).toBe(2);
  work.running[0]?.finish();
  await turns();
  expect(claims).toBe(2);
  lanes.ring();
  await turns();
  expect(claims).toBe(3);
});

test('what may not be done beside other work is asked for again when that ends', async () => {
  const work = pieces(1);
  const answers: Claimed[] = ['none for now', 'none'];
  let claims = 0;
  const lanes = lane(2, async () => {
    claims++;
    const next = await work.claim();
    return next === 'none' ? (answers.shift() ?? 'none') : next;
  });
  lanes.ring();
  await turns();
  expect(claims).toBe(2);
  work.running[0]?.finish();
  await turns();
  expect(claims).toBe(3);
});

test('a slot is reserved only while one is free and nothing is known to wait', async () => {
  const work = pieces(2);
  const lanes = lane(2, work.claim);
  expect(lanes.reserve()).toBeUndefined();
  lanes.ring();
  await turns();
  expect(lanes.reserve()).toBeUndefined();
  for (const each of [...work.running]) each.finish();
  await turns();
  // Both slots were full when work was last asked for: more may wait.
  await turns();
  const [first, second] = [lanes.reserve(), lanes.reserve()];
  expect([first === undefined, second === undefined, lanes.reserve()]).toEqual([false, false, undefined]);
  first?.free();
  await turns();
  expect(lanes.reserve()).not.toBeUndefined();
});

test('a reserved slot is full until its work is done, and idle waits for it', async () => {
  const lanes = lane(1, async () => 'none');
  lanes.ring();
  await turns();
  const slot = lanes.reserve();
  await lanes.stopClaiming();
  expect(lanes.reserve()).toBeUndefined();
  const done: string[] = [];
  const idle = lanes.idle().then(() => done.push('idle'));
  await turns();
  slot?.use(async () => void done.push('work'));
  slot?.free();
  await idle;
  expect(done).toEqual(['work', 'idle']);
});
