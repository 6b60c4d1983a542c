// Errors as JSON:API documents: string status, the titles that clients know, one object for each broken rule.
import type { DocumentProblem, ErrorCode } from '@terramesh/contracts';
import { z } from 'zod';

export const TfeErrors = z
  .object({
    errors: z.array(
      z.object({
        status: z.string().describe('The HTTP status.'),
        title: z.string(),
        detail: z.string().optional(),
        source: z.object({ pointer: z.string() }).optional(),
      }),
    ),
  })
  .meta({ id: 'TfeErrors' });

export interface Failure {
  readonly httpStatus: number;
  readonly message: string;
  readonly details: unknown;
}

const titles: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  409: 'conflict',
  413: 'payload too large',
  414: 'uri too long',
  415: 'invalid content type',
  422: 'unprocessable entity',
  429: 'Too many requests',
  500: 'internal server error',
  503: 'service unavailable',
  504: 'gateway timeout',
} satisfies Readonly<Record<number, string>>;

/** Whoever may not see something learns nothing about it: these two have a title only. */
const silent = new Set([401, 404]);

export function errorDocument({ httpStatus, message, details }: Failure): object {
  const status = String(httpStatus);
  const title = titles[httpStatus] ?? (httpStatus < 500 ? 'bad request' : 'internal server error');
  if (silent.has(httpStatus)) return { errors: [{ status, title }] };
  const problems = problemsOf(details) ?? [{ title, detail: message }];
  return {
    errors: problems.map((problem) => ({
      status,
      title: problem.title,
      detail: problem.detail,
      ...(problem.pointer === undefined ? {} : { source: { pointer: problem.pointer } }),
    })),
  };
}

/** Those of `documentError`; undefined for any other error. */
function problemsOf(details: unknown): DocumentProblem[] | undefined {
  if (typeof details !== 'object' || details === null || !('problems' in details)) return undefined;
  const { problems } = details;
  return Array.isArray(problems) && problems.length > 0 && problems.every(isProblem) ? problems : undefined;
}

function isProblem(problem: unknown): problem is DocumentProblem {
  return typeof problem === 'object' && problem !== null && 'title' in problem && 'detail' in problem;
}

/** What a route of the TFE API may answer with beside what it declares. */
export function tfeErrors(part: 'any' | 'body'): ErrorCode[] {
  const any: ErrorCode[] = ['UNAUTHORIZED', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT'];
  return part === 'any' ? any : [...any, 'INVALID', 'UNSUPPORTED_MEDIA_TYPE', 'UNPROCESSABLE', 'TOO_LARGE'];
}
