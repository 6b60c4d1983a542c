// Pages of the TFE API: numbered from 1, with totals.
import { type ZodType, z } from 'zod';

export const maxPageSize = 100;

export const PageRequest = z.object({
  number: z.int().min(1),
  size: z.int().min(1).max(maxPageSize),
});
export type PageRequest = z.infer<typeof PageRequest>;

/** What a list operation answers: one page, which is empty past the end. */
export function pageOf<T extends ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    /** How many the caller may see. */
    total: z.int().min(0),
    /** How many of those pass the filters. */
    matching: z.int().min(0),
  });
}
