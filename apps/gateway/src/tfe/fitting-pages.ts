// Pages whose resources may be so large that not all of them fit one message of the mesh.
import { isAppError, type PageRequest } from '@terramesh/contracts';

interface Page<T> {
  readonly items: T[];
  readonly total: number;
  readonly matching: number;
}

/** The page as one, or in as few equal pieces as it takes. Rejects as `ask` does. */
export async function askFitting<T>(page: PageRequest, ask: (page: PageRequest) => Promise<Page<T>>): Promise<Page<T>> {
  try {
    return await ask(page);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'TOO_LARGE' || page.size === 1) throw error;
    return askInPieces(page, ask);
  }
}

async function askInPieces<T>(
  { number, size }: PageRequest,
  ask: (page: PageRequest) => Promise<Page<T>>,
): Promise<Page<T>> {
  const count = smallestDivisor(size);
  const items: T[] = [];
  let last: Page<T> | undefined;
  for (let piece = 1; piece <= count; piece += 1) {
    last = await askFitting({ number: (number - 1) * count + piece, size: size / count }, ask);
    items.push(...last.items);
  }
  return { items, total: last?.total ?? 0, matching: last?.matching ?? 0 };
}

/** Above 1; sizes are 100 at most. */
function smallestDivisor(size: number): number {
  for (let divisor = 2; divisor < size; divisor += 1) if (size % divisor === 0) return divisor;
  return size;
}
