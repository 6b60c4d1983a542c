import { expect, test } from '@jest/globals';
import { matchExecutions } from './match-executions.js';

const target = (text: string) => {
  const [place = '', name = ''] = text.split('=');
  const [directory = '', terraformWorkspace = ''] = place.split('@');
  return { directory, terraformWorkspace, name };
};
const match = (targets: string[], executions: string[]) =>
  matchExecutions(
    targets.map(target),
    executions.map((text) => ({ text, target: target(text) })),
  ).map(({ target, execution }) => [target && targets.findIndex((text) => same(text, target)), execution?.text]);
const same = (text: string, wanted: object) => JSON.stringify(target(text)) === JSON.stringify(wanted);

test.each([
  [
    'the same',
    ['a@x=n', 'b@x'],
    ['b@x', 'a@x=n'],
    [
      [0, 'a@x=n'],
      [1, 'b@x'],
    ],
  ],
  ['a name whose place was not known', ['=n'], ['a@x=n'], [[0, 'a@x=n']]],
  ['a name that has moved', ['old@x=n'], ['new@x=n'], [[0, 'new@x=n']]],
  ['a path that has got a name', ['a@x'], ['a@x=n'], [[0, 'a@x=n']]],
  [
    'one that is gone',
    ['a@x', 'b@x'],
    ['b@x'],
    [
      [0, undefined],
      [1, 'b@x'],
    ],
  ],
  [
    'one too many',
    ['a@x'],
    ['a@x', 'b@x'],
    [
      [0, 'a@x'],
      [undefined, 'b@x'],
    ],
  ],
  [
    'two records of a name that moved: the right one',
    ['old@x=n', 'new@x=n'],
    ['new@x=n'],
    [
      [0, undefined],
      [1, 'new@x=n'],
    ],
  ],
])('%s', (_, targets, executions, expected) => {
  expect(match(targets, executions)).toEqual(expected);
});
