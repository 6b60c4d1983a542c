import type { ZodType, z } from 'zod';

/** The JSON of an answer, checked against its schema. */
export async function read<S extends ZodType>(schema: S, response: Response | Promise<Response>): Promise<z.output<S>> {
  return schema.parse(await (await response).json());
}
