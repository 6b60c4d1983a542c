// The one config file, YAML or JSON (JSON is YAML): a flat map from setting keys to values.
import { parseDocument, type YAMLError } from 'yaml';
import { z } from 'zod';
import { readText } from './read-text.js';

const Content = z.record(z.string(), z.unknown()).nullable();

/** Keys and values as text. Throws an Error whose message is fit for the person who wrote the file. */
export function readConfigFile(path: string): ReadonlyMap<string, string> {
  const document = parseDocument(readText(path));
  const mistake = document.errors[0];
  if (mistake !== undefined) throw new Error(`the config file ${path} is not valid YAML: ${describe(mistake)}`);
  const parsed = Content.safeParse(document.toJS());
  if (!parsed.success) throw new Error(`the config file ${path} must be a map from setting keys to values`);
  const entries = Object.entries(parsed.data ?? {}).filter(([, value]) => value !== null && value !== '');
  return new Map(entries.map(([key, value]) => [key, asText(value)]));
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',');
  return JSON.stringify(value);
}

/** Not its message, which quotes the line: it may hold a secret. */
function describe({ code, linePos }: YAMLError): string {
  const kind = code.toLowerCase().replaceAll('_', ' ');
  return linePos === undefined ? kind : `${kind} in line ${linePos[0].line}`;
}
