// What the OpenAPI document says of resources that have nothing special.
import { z } from 'zod';

const Identifier = z.object({ id: z.string(), type: z.string() });
const Relationship = z
  .object({
    data: z.union([Identifier, z.array(Identifier), z.null()]).optional(),
    links: z.object({ related: z.string() }).optional(),
  })
  .meta({ id: 'TfeRelationship' });

/** `TfeTeam` of type `teams`, with these attributes. */
export function resourceSchema(id: string, type: string, attributes: z.ZodRawShape) {
  return z
    .object({
      id: z.string(),
      type: z.literal(type),
      attributes: z.object(attributes),
      relationships: z.record(z.string(), Relationship).optional(),
      links: z.object({ self: z.string() }).optional(),
    })
    .meta({ id });
}

export const flags = (...names: readonly string[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, z.boolean()])));
