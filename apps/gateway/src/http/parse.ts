// Query strings, parameters and other small inputs of a route, checked against the schema that documents them.
import { AppError } from '@terramesh/contracts';
import { type ZodType, z } from 'zod';

/** Throws INVALID that names every problem. */
export function parseInput<S extends ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const where = z.core.toDotPath(issue.path);
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  });
  throw new AppError('INVALID', problems.join('; '));
}
