import { expect, test } from '@jest/globals';
import { AppError, type PageRequest } from '@terramesh/contracts';
import { askFitting } from './fitting-pages.js';

const all = Array.from({ length: 250 }, (_, index) => index);
const askUpTo = (fitting: number) => (page: PageRequest) => {
  if (page.size > fitting) return Promise.reject(new AppError('TOO_LARGE', 'too large'));
  const items = all.slice((page.number - 1) * page.size, page.number * page.size);
  return Promise.resolve({ items, total: all.length, matching: all.length });
};

test.each([
  [1, 100, 100],
  [2, 100, 60],
  [3, 100, 20],
  [2, 97, 50],
  [7, 12, 1],
  [1, 1, 1],
])('page %i of %i is whole where %i fit', async (number, size, fitting) => {
  const { items, total } = await askFitting({ number, size }, askUpTo(fitting));
  expect(items).toEqual(all.slice((number - 1) * size, number * size));
  expect(total).toBe(250);
});

test('one that does not fit alone is refused', async () => {
  await expect(askFitting({ number: 1, size: 10 }, askUpTo(0))).rejects.toMatchObject({ code: 'TOO_LARGE' });
});
