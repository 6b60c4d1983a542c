import { expect, test } from '@jest/globals';
import { ExecutionId, type ResultPart } from '@terramesh/contracts';
import { RunTexts } from './run-texts.js';

const a = ExecutionId.parse(`exe-${'A'.repeat(16)}`);
const b = ExecutionId.parse(`exe-${'B'.repeat(16)}`);

function read(pages: [typeof a, ResultPart, string][][]) {
  const asked: (string | null)[] = [];
  const texts = new RunTexts(async (cursor) => {
    asked.push(cursor);
    const index = Number(cursor ?? 0);
    const pieces = (pages[index] ?? []).map(([executionId, part, text]) => ({ executionId, part, text }));
    return { pieces, next: index + 1 < pages.length ? String(index + 1) : null };
  });
  return { texts, asked };
}

test('joins the pieces of a part over pages and leaves the rest empty', async () => {
  const { texts } = read([
    [[a, 'plan_output', 'one ']],
    [
      [a, 'plan_output', 'two'],
      [b, 'error', 'no'],
    ],
  ]);
  expect(await texts.of(a)).toEqual({ plan_output: 'one two', apply_output: '', error: '', failure: '' });
  expect(await texts.of(b)).toMatchObject({ error: 'no' });
});

test('reads no further than the first piece of the next execution', async () => {
  const { texts, asked } = read([[[a, 'plan_output', 'x']], [[b, 'plan_output', 'y']], [[b, 'plan_output', 'z']]]);
  await texts.of(a);
  expect(asked).toEqual([null, '1']);
});

test('copes with another order and with executions that wrote nothing', async () => {
  const { texts } = read([[[b, 'plan_output', 'b']], [[a, 'plan_output', 'a']]]);
  expect(await texts.of(`exe-${'C'.repeat(16)}`)).toMatchObject({ plan_output: '' });
  expect(await texts.of(a)).toMatchObject({ plan_output: 'a' });
  expect(await texts.of(b)).toMatchObject({ plan_output: 'b' });
});

test('refuses to drop a piece that comes too late', async () => {
  const { texts } = read([
    [
      [a, 'plan_output', '1'],
      [b, 'plan_output', '2'],
    ],
    [[a, 'plan_output', '3']],
  ]);
  await texts.of(a);
  await expect(texts.of(b)).rejects.toThrow('not together');
});
