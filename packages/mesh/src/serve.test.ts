// The compiler is the test: a line that should not compile and does fails `pnpm lint`.
import { expect, test } from '@jest/globals';
import { event, operation } from '@terramesh/contracts';
import { z } from 'zod';
import type { Mesh } from './mesh.js';
import { contractOf, Serve, Subscribe } from './serve.js';

const count = operation({
  subject: 'letters.count',
  input: z.object({ text: z.string(), from: z.int().default(0) }),
  output: z.object({ letters: z.int() }),
});
const counted = event({
  subject: 'event.letters.counted',
  payload: z.object({ letters: z.int() }),
  delivery: 'every-instance',
});

export class Controller {
  @Serve(count)
  async right(input: { text: string; from: number }): Promise<{ letters: number }> {
    return { letters: input.text.length - input.from };
  }

  @Serve(count)
  without(): { letters: number } {
    return { letters: 0 };
  }

  // @ts-expect-error: the output is not what the contract says
  @Serve(count)
  async wrongOutput(): Promise<{ letters: string }> {
    return { letters: 'none' };
  }

  // @ts-expect-error: the contract gives no `words`
  @Serve(count)
  async wrongInput(input: { words: string[] }): Promise<{ letters: number }> {
    return { letters: input.words.length };
  }

  @Subscribe(counted)
  async onCounted(payload: { letters: number }): Promise<void> {
    void payload;
  }

  // @ts-expect-error: the contract gives a number
  @Subscribe(counted)
  async onCountedWrongly(payload: { letters: string }): Promise<void> {
    void payload;
  }
}

export async function callers(mesh: Mesh): Promise<number> {
  await mesh.publish(counted, { letters: 1 });
  // @ts-expect-error: a wrong payload
  await mesh.publish(counted, { letters: 'one' });
  // @ts-expect-error: `text` is missing
  await mesh.call(count, { from: 1 });
  const { letters } = await mesh.call(count, { text: 'x' });
  // @ts-expect-error: letters is a number
  const wrong: string = letters;
  return letters + wrong.length;
}

test('the contract of a handler is found in what the decorator left, and in nothing else', () => {
  expect(contractOf({ contract: count })).toBe(count);
  expect(contractOf({ contract: counted })).toBe(counted);
  expect(contractOf({})).toBeUndefined();
  expect(contractOf(undefined)).toBeUndefined();
});
