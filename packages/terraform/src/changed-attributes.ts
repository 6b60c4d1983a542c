// The difference between an object before and after a change, leaf by leaf. A plan document keeps three more trees of the
// same shape: what is sensitive before, what is after, and what is not known yet. `true` in one of them stands for all below.
import { createHash } from 'node:crypto';
import { shorten } from './shorten.js';

export interface DriftedAttribute {
  /** As in `tags["Name"]`, `ingress[0].port`. */
  readonly path: string;
  /** JSON text; null when there is no value, or a sensitive one. A long one ends with `…#` and a digest of all of it. */
  readonly before: string | null;
  /** The same; `(known after apply)` when `unknown`. */
  readonly after: string | null;
  readonly sensitive: boolean;
  readonly unknown: boolean;
}

export interface ObjectChange {
  readonly before?: unknown;
  readonly after?: unknown;
  /** before_sensitive */
  readonly beforeMarks?: unknown;
  /** after_sensitive */
  readonly afterMarks?: unknown;
  /** after_unknown: what it marks is absent from `after`. */
  readonly unknown?: unknown;
}

export interface AttributeOptions {
  readonly attributes: number;
  readonly valueChars: number;
  /** Takes known secrets out of a text, before it is cut. */
  readonly mask: (text: string) => string;
  /** Whether a value holds one that is sensitive elsewhere in the document. */
  readonly isSensitive: (value: unknown) => boolean;
}

const maxDepth = 40;
const maxPathChars = 500;
/** Enough to tell two values apart, too few to find out what one is. */
const digestChars = 5;
/** No known secret is so long that it reaches from what is shown beyond this. */
const maskedChars = 20_000;

/** The leaves that differ, in the order of the document. `truncated`: there are more than the bound. */
export function changedAttributes(
  change: ObjectChange,
  options: AttributeOptions,
): { attributes: DriftedAttribute[]; truncated: boolean } {
  const attributes: DriftedAttribute[] = [];
  for (const attribute of differences(change, { ...options, path: '', depth: 0 })) {
    if (attributes.length === options.attributes) return { attributes, truncated: true };
    attributes.push(attribute);
  }
  return { attributes, truncated: false };
}

interface Place extends AttributeOptions {
  readonly path: string;
  readonly depth: number;
}

function* differences(change: ObjectChange, place: Place): Generator<DriftedAttribute> {
  const keys = place.depth < maxDepth ? keysToCompare(change) : undefined;
  if (keys !== undefined) {
    const inList = [change.before, change.after, change.unknown].some(Array.isArray);
    for (const key of keys) {
      const path = inList ? `${place.path}[${key}]` : `${place.path}${memberPath(key, place.path)}`;
      yield* differences(within(change, key), { ...place, path, depth: place.depth + 1 });
    }
    return;
  }
  const unknown = hasMark(change.unknown);
  if (!unknown && isSame(change.before, change.after)) return;
  // Of a value that is shown whole, no part may be sensitive.
  const marked = hasMark(change.beforeMarks) || hasMark(change.afterMarks);
  const sensitive = marked || place.isSensitive(change.before) || place.isSensitive(change.after);
  const text = (value: unknown) => (sensitive ? null : jsonText(value, place));
  const after = unknown && !sensitive ? '(known after apply)' : text(change.after);
  yield { path: shorten(place.mask(place.path), maxPathChars), before: text(change.before), after, sensitive, unknown };
}

/** What to look into, or undefined when the two are to be compared whole. */
function keysToCompare({ before, after, beforeMarks, afterMarks, unknown }: ObjectChange): string[] | undefined {
  if ([beforeMarks, afterMarks, unknown].includes(true)) return undefined;
  const sides = [before, after].filter((side) => side !== null && side !== undefined);
  const isList = sides.some(Array.isArray);
  if (!sides.every((side) => isContainer(side) && Array.isArray(side) === isList)) return undefined;
  const keys = [before, after, unknown].flatMap((tree) => (isContainer(tree) ? Object.keys(tree) : []));
  // Nothing in it: there, or not there, is all that can differ.
  return keys.length === 0 ? undefined : [...new Set(keys)];
}

function within(change: ObjectChange, key: string): ObjectChange {
  const of = (tree: unknown) => (isContainer(tree) && Object.hasOwn(tree, key) ? tree[key] : undefined);
  return {
    before: of(change.before),
    after: of(change.after),
    beforeMarks: of(change.beforeMarks),
    afterMarks: of(change.afterMarks),
    unknown: of(change.unknown),
  };
}

function memberPath(key: string, parent: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
  return parent === '' ? key : `.${key}`;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function hasMark(tree: unknown): boolean {
  return tree === true || (isContainer(tree) && Object.values(tree).some(hasMark));
}

function isSame(before: unknown, after: unknown): boolean {
  if (!isContainer(before) || !isContainer(after)) return (before ?? null) === (after ?? null);
  if (Array.isArray(before) !== Array.isArray(after)) return false;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every((key) => isSame(before[key], after[key]));
}

function jsonText(value: unknown, { mask, valueChars }: AttributeOptions): string | null {
  if (value === null || value === undefined) return null;
  // A file of 10 MB in an attribute need not be escaped whole.
  const text =
    typeof value === 'string' ? JSON.stringify(mask(value.slice(0, maskedChars))) : mask(JSON.stringify(value));
  const rest = typeof value === 'string' ? value.slice(maskedChars) : '';
  if (text.length <= valueChars && rest === '') return shorten(text, valueChars);
  // What is cut off tells two values apart all the same: a policy may change at its end.
  const digest = createHash('sha256').update(text).update(rest).digest('base64url').slice(0, digestChars);
  return `${shorten(text, valueChars - digestChars - 1)}#${digest}`;
}
