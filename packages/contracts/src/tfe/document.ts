// JSON:API request documents: what operations carry, and how their broken rules become one error.
import { type ZodType, z } from 'zod';
import { AppError } from '../errors.js';

/** Bounded JSON as the gateway received it, null when there was no body. The service checks it, after what may be seen and done. */
export const Document = z.unknown();

/** One object of a JSON:API error document. */
export interface DocumentProblem {
  /** `invalid attribute` */
  readonly title: string;
  readonly detail: string;
  /** `/data/attributes/name` */
  readonly pointer?: string;
}

const title = 'invalid attribute';

/** The document breaks these rules: 422 with one error object for each. */
export function documentError(problems: readonly DocumentProblem[]): AppError {
  const message = problems.map(({ detail }) => detail).join('; ');
  return new AppError('UNPROCESSABLE', message, { details: { problems } });
}

/** One broken rule of an attribute: `Name has already been taken` at `name`. */
export function attributeError(attribute: string, detail: string): AppError {
  return documentError([{ title, detail, pointer: `/data/attributes/${attribute}` }]);
}

/** Throws `documentError` with every broken rule. The message of a schema is the detail, as it is. */
export function parseDocument<T>(schema: ZodType<T>, document: unknown): T {
  if (!hasData(document)) {
    throw documentError([
      { title: 'unprocessable entity', detail: 'param is missing or the value is empty: data', pointer: '/data' },
    ]);
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw documentError(
    parsed.error.issues.slice(0, maxProblems).map((issue) => ({
      title: titleOf(issue),
      detail: issue.message,
      pointer: pointerOf(issue.path),
    })),
  );
}

/** A document of a thousand wrong items is told of the first ones. */
const maxProblems = 100;

function hasData(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'data' in document && document.data !== null;
}

/** A custom issue may have a title of its own in its `params`. */
function titleOf(issue: z.core.$ZodIssue): string {
  const own = issue.code === 'custom' ? issue.params?.title : undefined;
  return typeof own === 'string' ? own : title;
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100)}`).join('');
}
