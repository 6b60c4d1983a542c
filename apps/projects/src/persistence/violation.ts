// Which rule of the schema a statement broke. Decided by SQLSTATE and the constraint's name, never by a message's text.
import { sqlStateOf } from '@terramesh/database';
import { QueryFailedError } from 'typeorm';

export interface Violation {
  readonly kind: 'unique' | 'reference';
  /** Of the constraint or the unique index. */
  readonly constraint: string;
}

const kinds: Readonly<Record<string, Violation['kind']>> = {
  '23505': 'unique',
  '23503': 'reference',
  // Since Postgres 18 `on delete restrict` has a code of its own.
  '23001': 'reference',
};

/** Undefined for any other error. */
export function violationOf(error: unknown): Violation | undefined {
  const kind = kinds[sqlStateOf(error) ?? ''];
  const { driverError } = error instanceof QueryFailedError ? error : { driverError: undefined };
  const constraint: unknown = (driverError as { constraint?: unknown } | undefined)?.constraint;
  return kind === undefined ? undefined : { kind, constraint: typeof constraint === 'string' ? constraint : '' };
}
