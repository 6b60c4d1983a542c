// The values that a plan document marks as sensitive, wherever in the document: Terraform does not always carry the mark on
// to what a provider copied (terraform_data: `input` is sensitive, `output` of the same value is not).

/** A text that equals a sensitive one is hidden from this length on; shorter ones are words like `on`. */
const minEqualChars = 3;
/** A text that contains a sensitive one, from this length of the sensitive one on. */
const minContainedChars = 6;

/** What begins further on in a text is not shown of it: see driftBounds. */
const searchedChars = 1_000;

export interface Marked {
  readonly value: unknown;
  /** `true` stands for all below. */
  readonly marks: unknown;
}

/** Tells whether a value holds a text that is sensitive somewhere in the document, by itself or within another. */
export function sensitiveValues(marked: Iterable<Marked>): (value: unknown) => boolean {
  const equal = new Set<string>();
  for (const { value, marks } of marked) for (const text of markedTexts(value, marks)) equal.add(text);
  const contained = new Map<string, string[]>();
  for (const text of equal) {
    const beginning = text.slice(0, minContainedChars);
    const alike = contained.get(beginning);
    if (alike !== undefined) alike.push(text);
    else if (text.length >= minContainedChars) contained.set(beginning, [text]);
  }
  const isSensitive = (text: string) => equal.has(text) || contains(text, contained);
  return function holdsOne(value: unknown): boolean {
    if (typeof value === 'string') return isSensitive(value);
    return isContainer(value) && Object.entries(value).some(([key, one]) => isSensitive(key) || holdsOne(one));
  };
}

/** By how they begin: a document may have thousands of them. */
function contains(text: string, secrets: ReadonlyMap<string, string[]>): boolean {
  if (secrets.size === 0) return false;
  const end = Math.min(text.length - minContainedChars, searchedChars);
  for (let at = 0; at <= end; at += 1) {
    const candidates = secrets.get(text.slice(at, at + minContainedChars));
    if (candidates?.some((secret) => text.startsWith(secret, at))) return true;
  }
  return false;
}

function* markedTexts(value: unknown, marks: unknown): Generator<string> {
  if (marks === true) yield* texts(value);
  else if (isContainer(marks) && isContainer(value))
    for (const [key, mark] of Object.entries(marks))
      if (Object.hasOwn(value, key)) yield* markedTexts(value[key], mark);
}

function* texts(value: unknown): Generator<string> {
  if (typeof value === 'string' && value.length >= minEqualChars) yield value;
  else if (isContainer(value)) for (const one of Object.values(value)) yield* texts(one);
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
