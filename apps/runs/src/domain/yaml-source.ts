// Reads a YAML text node by node, and knows the line and column of every problem. Nothing is expanded.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

export interface YamlProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type YamlNode = Node | null;

export interface YamlKeys {
  readonly known: ReadonlySet<string>;
  /** Keys that mean something elsewhere, and are said to be not supported yet. */
  readonly unsupported: ReadonlySet<string>;
}

/** Atlantis' own file has four levels; a hostile megabyte of brackets takes the parser seconds. */
const maxBracketDepth = 1000;

/** The text that a message quotes may be a megabyte. */
const maxMessageLength = 500;

/** Collects problems instead of throwing, so that several are reported at once. Every reader returns null on a problem. */
export class YamlSource {
  readonly problems: YamlProblem[] = [];
  readonly #lines = new LineCounter();

  /** The root node; null when there is none or the text is not YAML. */
  parse(text: string): YamlNode {
    if (bracketDepth(text) > maxBracketDepth) return this.#tooDeep();
    try {
      // uniqueKeys compares every key with every other one: minutes for a hostile megabyte. `entries` checks instead.
      const document = parseDocument(text, {
        lineCounter: this.#lines,
        prettyErrors: false,
        uniqueKeys: false,
        // 'silent' would also let a second document pass.
        logLevel: 'error',
      });
      for (const error of document.errors.slice(0, 20)) this.#report(error.pos[0], error.message);
      return this.problems.length > 0 ? null : document.contents;
    } catch (error) {
      // The parser recurses, so that thousands of levels exhaust the stack.
      if (!(error instanceof RangeError)) throw error;
      return this.#tooDeep();
    }
  }

  problem(at: YamlNode, message: string): null {
    this.#report(at?.range?.[0] ?? 0, message);
    return null;
  }

  /** The entries of a mapping that have a value. A key that is unknown, not supported or repeated is a problem. */
  fields(node: YamlNode, what: string, keys: YamlKeys): Map<string, YamlNode> | null {
    if (!isMap(node)) return this.#wrongType(node, what, 'a mapping');
    const seen = new Set<string>();
    const fields = new Map<string, YamlNode>();
    for (const pair of node.items) {
      const keyNode = pair.key as YamlNode;
      const value = pair.value as YamlNode;
      const key = this.string(keyNode, 'a key');
      if (key === null) continue;
      if (seen.has(key)) this.problem(keyNode, `key "${key}" is repeated`);
      else if (keys.unsupported.has(key)) this.problem(keyNode, `${key} is not supported yet`);
      else if (!keys.known.has(key)) this.problem(keyNode, `unknown key "${key}"`);
      else if (!isAbsent(value)) fields.set(key, value);
      seen.add(key);
    }
    return fields;
  }

  items(node: YamlNode, what: string): YamlNode[] | null {
    if (!isSeq(node)) return this.#wrongType(node, what, 'a list');
    return node.items as YamlNode[];
  }

  /** Any scalar, as it is written: `001` stays `001` (as Go's YAML does for a string field). */
  string(node: YamlNode, what: string): string | null {
    if (!isScalar(node) || node.value === null) return this.#wrongType(node, what, 'a string');
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  }

  integer(node: YamlNode, what: string): number | null {
    if (!isScalar(node) || !Number.isSafeInteger(node.value)) return this.#wrongType(node, what, 'a whole number');
    return node.value as number;
  }

  #tooDeep(): null {
    this.#report(0, 'the file is nested too deeply');
    return null;
  }

  #wrongType(node: YamlNode, what: string, wanted: string): null {
    if (isAlias(node)) return this.problem(node, `${what}: YAML aliases are not supported`);
    return this.problem(node, `${what} must be ${wanted}`);
  }

  #report(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ line: Math.max(line, 1), column: Math.max(col, 1), message: shorten(message) });
  }
}

/** Go's YAML leaves a field without a value, or with null, at its default. */
function isAbsent(node: YamlNode): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function shorten(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message;
}

/** How deep brackets are open at most, wherever they stand: a cheap guess at how deep flow collections are nested. */
function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
  }
  return deepest;
}
