import { expect, test } from '@jest/globals';
import { InitGate } from './init-gate.js';

/** Work that says when it runs and ends when told. */
function work() {
  const { promise: done, resolve, reject } = promised();
  let state: 'waiting' | 'running' | 'done' = 'waiting';
  const run = async () => {
    state = 'running';
    await done;
    state = 'done';
  };
  return {
    run,
    finish: resolve,
    fail: () => reject(new Error('no network')),
    get state() {
      return state;
    },
  };
}
function promised() {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { promise, resolve, reject };
}
const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test('inits that want the same package wait for the first, and then run side by side', async () => {
  const gate = new InitGate();
  const all = [work(), work(), work()];
  const runs = all.map(({ run }) => gate.run(['aws 5'], run));
  await turns();
  expect(all.map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting']);
  all[0]?.finish();
  await turns();
  expect(all.map(({ state }) => state)).toEqual(['done', 'running', 'running']);
  for (const each of all) each.finish();
  await Promise.all(runs);
});

test('inits that want nothing, or something else, wait for nobody', async () => {
  const gate = new InitGate();
  const all = [work(), work(), work(), work()];
  const wanted = [['aws 5'], [], ['aws 6'], []];
  const runs = all.map(({ run }, index) => gate.run(wanted[index] ?? [], run));
  await turns();
  expect(all.map(({ state }) => state)).toEqual(Array(4).fill('running'));
  for (const each of all) each.finish();
  await Promise.all(runs);
});

test('inits that want each other’s packages all run', async () => {
  const gate = new InitGate();
  const wanted = [['a', 'b'], ['b', 'c'], ['c', 'a'], ['d']];
  expect(await Promise.all(wanted.map((names, index) => gate.run(names, async () => index)))).toEqual([0, 1, 2, 3]);
});

test('an init that failed is no longer waited for', async () => {
  const gate = new InitGate();
  const [first, second, third] = [work(), work(), work()];
  const failed = expect(gate.run(['aws 5'], first.run)).rejects.toThrow('no network');
  const waited = gate.run(['aws 5'], second.run);
  first.fail();
  await failed;
  await turns();
  const later = gate.run(['aws 5'], third.run);
  expect([second.state, third.state]).toEqual(['running', 'running']);
  second.finish();
  third.finish();
  await Promise.all([waited, later]);
});
