// Query parameters of the TFE API. Names hold brackets: `page[number]`, `filter[names]`.
import { AppError, maxPageSize, type PageRequest } from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';

const defaultSize = 20;
const maxNames = 1000;
/** So that an offset is a number that Postgres has. */
const maxPageNumber = 1_000_000_000;

/** Undefined when it is absent. Repeated ones are joined with commas, as HashiCorp's client does it itself. */
export function queryText(request: FastifyRequest, name: string): string | undefined {
  const value: unknown = queryOf(request)[name];
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** Every parameter in its order, repeated ones as often as they came. */
export function queryEntries(request: FastifyRequest): [name: string, value: string][] {
  return Object.entries(queryOf(request)).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
}

/** `filter[names]=a,b`; undefined when it is absent or empty. Throws INVALID for too many. */
export function queryNames(request: FastifyRequest, name: string): string[] | undefined {
  const names =
    queryText(request, name)
      ?.split(',')
      .filter((one) => one !== '') ?? [];
  if (names.length > maxNames) throw new AppError('INVALID', `${name} may hold ${maxNames} at most`);
  return names.length === 0 ? undefined : names;
}

/** Throws INVALID for a number below one or no number at all; a size above the largest is the largest. */
export function readPage(request: FastifyRequest): PageRequest {
  const number = readNumber(request, 'page[number]') ?? 1;
  const size = readNumber(request, 'page[size]') ?? defaultSize;
  if (number > maxPageNumber) throw new AppError('INVALID', `page[number] may be ${maxPageNumber} at most`);
  return { number, size: Math.min(size, maxPageSize) };
}

/** The related resources that are asked for. Throws INVALID for one that is not among `known`. */
export function readInclude<T extends string>(request: FastifyRequest, known: readonly T[]): T[] {
  const asked =
    queryText(request, 'include')
      ?.split(',')
      .filter((name) => name !== '') ?? [];
  const isKnown = (name: string): name is T => known.some((one) => one === name);
  // Clients know this error by the end of its text.
  if (!asked.every(isKnown)) throw new AppError('INVALID', 'Invalid include parameter');
  return [...new Set(asked.filter(isKnown))];
}

function readNumber(request: FastifyRequest, name: string): number | undefined {
  const text = queryText(request, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text) || Number(text) < 1) throw new AppError('INVALID', `${name} must be a number from 1 on`);
  return Number(text);
}

function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return typeof request.query === 'object' && request.query !== null ? { ...request.query } : {};
}
