// Checks values against the schemas of a contract.
import { AppError } from '@terramesh/contracts';
import type { ZodError, ZodType, z } from 'zod';

const maxIssues = 20;

export interface InvalidIssue {
  /** `keys.0.directory`; empty for the whole value. */
  readonly path: string;
  readonly message: string;
}

/** The parsed input. Throws INVALID whose details are `{ issues: InvalidIssue[] }`, at most 20 of them. */
export function parseInput<S extends ZodType>(subject: string, schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = issuesOf(parsed.error);
  throw new AppError('INVALID', `invalid input for ${subject}: ${sentence(issues)}`, { details: { issues } });
}

/** The parsed output. Throws an ordinary Error: the service broke its own contract. */
export function parseOutput<S extends ZodType>(subject: string, schema: S, output: unknown): z.output<S> {
  const parsed = schema.safeParse(output);
  if (parsed.success) return parsed.data;
  throw new Error(`the output of ${subject} does not fit its contract: ${sentence(issuesOf(parsed.error))}`);
}

function issuesOf(error: ZodError): InvalidIssue[] {
  return error.issues.slice(0, maxIssues).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}

function sentence(issues: readonly InvalidIssue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}
