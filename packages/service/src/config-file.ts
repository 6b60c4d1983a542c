// The one config file, YAML or JSON (JSON is YAML): a flat map from setting keys to values.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Content = z.record(z.string(), z.unknown()).nullable();

/** Keys and values as text. Throws an Error whose message is fit for the person who wrote the file. */
export function readConfigFile(path: string): ReadonlyMap<string, string> {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'), { prettyErrors: false });
  } catch (error) {
    throw new Error(`the config file ${path} cannot be read: ${reason(error)}`, { cause: error });
  }
  const parsed = Content.safeParse(content);
  if (!parsed.success) throw new Error(`the config file ${path} must be a map from setting keys to values`);
  const entries = Object.entries(parsed.data ?? {}).filter(([, value]) => value !== null && value !== '');
  return new Map(entries.map(([key, value]) => [key, asText(value)]));
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',');
  return JSON.stringify(value);
}

/** YAML's messages may quote a line of the file, which may hold a secret: only the kind of the mistake is kept. */
function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it is not valid YAML';
}
