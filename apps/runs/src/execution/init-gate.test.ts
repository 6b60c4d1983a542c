import { expect, test } from '@jest/globals';
import { InitGate } from './init-gate.js';

/** Work that says when it runs and ends when told. */
function work() {
  let finish: () => void = () => {};
  let state: 'waiting' | 'running' | 'done' = 'waiting';
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    run: async () => {
      state = 'running';
      await done;
      state = 'done';
    },
    finish: () => finish(),
    get state() {
      return state;
    },
  };
}
const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test('inits that may write to the provider cache run one at a time', async () => {
  const gate = new InitGate();
  const [one, two] = [work(), work()];
  const first = gate.run('others', one.run);
  const second = gate.run('providers', two.run);
  await turns();
  expect([one.state, two.state]).toEqual(['running', 'waiting']);
  one.finish();
  two.finish();
  await Promise.all([first, second]);
});

test('inits whose providers are cached run side by side, and not beside one that writes', async () => {
  const gate = new InitGate();
  await gate.run('providers', async () => {});
  const [one, two, writer, three] = [work(), work(), work(), work()];
  const reads = [gate.run('providers', one.run), gate.run('providers', two.run)];
  await turns();
  expect([one.state, two.state]).toEqual(['running', 'running']);
  const written = gate.run('others', writer.run);
  const later = gate.run('providers', three.run);
  await turns();
  expect([writer.state, three.state]).toEqual(['waiting', 'waiting']);
  one.finish();
  two.finish();
  await Promise.all(reads);
  await turns();
  expect([writer.state, three.state]).toEqual(['running', 'waiting']);
  writer.finish();
  three.finish();
  await Promise.all([written, later]);
});

test('a failed init neither blocks the next nor counts as cached', async () => {
  const gate = new InitGate();
  await expect(gate.run('providers', () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  const [one, two] = [work(), work()];
  const runs = [gate.run('providers', one.run), gate.run('providers', two.run)];
  await turns();
  expect([one.state, two.state]).toEqual(['running', 'waiting']);
  one.finish();
  two.finish();
  await Promise.all(runs);
});
