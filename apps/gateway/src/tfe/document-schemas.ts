// The documents of the TFE API around its resources, for the OpenAPI document.
import { type ZodType, z } from 'zod';

const ListLinks = z
  .object({
    self: z.string(),
    first: z.string(),
    prev: z.string().nullable(),
    next: z.string().nullable(),
    last: z.string(),
  })
  .meta({ id: 'TfeListLinks', description: 'Absolute URLs.' });

const ListMeta = z
  .object({
    'status-counts': z.object({
      total: z.int().describe('How many the caller may see.'),
      matching: z.int().describe('How many of those pass the filters.'),
    }),
    pagination: z.object({
      'current-page': z.int(),
      'page-size': z.int(),
      'prev-page': z.int().nullable(),
      'next-page': z.int().nullable(),
      'total-pages': z.int(),
      'total-count': z.int(),
    }),
  })
  .meta({ id: 'TfeListMeta' });

export function documentOf(resource: ZodType, included?: ZodType) {
  return z.object({ data: resource, ...(included === undefined ? {} : { included: z.array(included).optional() }) });
}

/** Everything at once, without pages. */
export function allOf(resource: ZodType) {
  return z.object({ data: z.array(resource) });
}

/** One page. */
export function listOf(resource: ZodType, included?: ZodType) {
  return z.object({
    data: z.array(resource),
    ...(included === undefined ? {} : { included: z.array(included).optional() }),
    links: ListLinks,
    meta: ListMeta,
  });
}

/** The query parameters of every paged list. */
export const pageQuery = {
  'page[number]': z.coerce.number().int().min(1).optional().describe('From 1 on; 1 when it is left out.'),
  'page[size]': z.coerce.number().int().min(1).optional().describe('20 when it is left out, 100 at most.'),
};
