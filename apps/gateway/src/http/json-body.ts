// How bodies are read: as Go's encoding/json reads them into Atlantis' requests.
import { AppError, VcsType } from '@terramesh/contracts';
import { z } from 'zod';

/** Throws INVALID. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw new AppError('INVALID', 'failed to parse request: unexpected end of JSON input');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('INVALID', `failed to parse request: ${reason}`, { cause });
  }
}

/**
 * The wanted keys of an object, whatever their case, without nulls; the last of several wins. Anything but an object fails
 * the parse.
 */
export function foldKeys<Key extends string>(value: unknown, keys: readonly Key[]): Partial<Record<Key, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('INVALID', `failed to parse request: expected an object, got ${describe(value)}`);
  }
  const canonical = new Map(keys.map((key) => [key.toLowerCase(), key]));
  const folded: Partial<Record<Key, unknown>> = {};
  for (const [key, member] of Object.entries(value)) {
    const wanted = canonical.get(key.toLowerCase());
    if (wanted !== undefined && member !== null) folded[wanted] = member;
  }
  return folded;
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** The name of a VCS type, whatever its case; anything else as it is. */
export function canonicalType(type: string | undefined): string | undefined {
  return VcsType.options.find((known) => known.toLowerCase() === type?.toLowerCase()) ?? type;
}

/** Every problem of a parse, in one line. */
export function sentence(error: z.ZodError): string {
  const problems = error.issues.map((issue) => {
    const where = z.core.toDotPath(issue.path);
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  });
  return [...new Set(problems)].join('; ');
}
