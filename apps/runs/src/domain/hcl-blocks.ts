// What Terraform files say at their top level, as far as it tells a root module from others. Not a parser: it finds its way
// past strings, comments and heredocs, and never fails.

export interface ModuleFile {
  /** Types of its top-level blocks: `resource`, `module`, …. */
  readonly blocks: ReadonlySet<string>;
  /** It says where the state is kept: `backend` or `cloud`. */
  readonly hasBackend: boolean;
  /** Local sources of the modules it calls: `./x`, `../y`. */
  readonly localSources: readonly string[];
}

/** Of a file in Terraform's native syntax. */
export function readModuleFile(text: string): ModuleFile {
  const blocks = new Set<string>();
  const localSources: string[] = [];
  let hasBackend = false;
  let depth = 0;
  let block = '';
  let attribute = '';
  let before: Token | undefined;
  for (const token of tokens(text)) {
    const { kind, value } = token;
    // A name that begins a line begins a statement.
    const begins = kind === 'name' && (before === undefined || before.kind === 'newline' || before.value === '{');
    if (begins && depth === 0) {
      block = value;
      blocks.add(value);
    }
    if (begins && depth === 1) {
      attribute = value;
      if (block === 'terraform' && (value === 'backend' || value === 'cloud')) hasBackend = true;
    }
    if (kind === 'string' && depth === 1 && block === 'module' && attribute === 'source' && before?.value === '=')
      if (isLocal(value)) localSources.push(value);
    if (kind === 'mark') depth = Math.max(0, depth + ('{[('.includes(value) ? 1 : '}])'.includes(value) ? -1 : 0));
    before = token;
  }
  return { blocks, hasBackend, localSources };
}

/** Of a file in Terraform's JSON syntax. One that is not JSON counts as a `terraform` block: its error is to be seen. */
export function readModuleJson(text: string): ModuleFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { blocks: new Set(['terraform']), hasBackend: false, localSources: [] };
  }
  const bodies = objectsOf(parsed);
  const blocks = new Set(bodies.flatMap((body) => Object.keys(body)));
  const hasBackend = bodies
    .flatMap((body) => objectsOf(body.terraform))
    .some((settings) => 'backend' in settings || 'cloud' in settings);
  const localSources = bodies
    .flatMap((body) => objectsOf(body.module))
    .flatMap((modules) => Object.values(modules).flatMap(objectsOf))
    .flatMap(({ source }) => (typeof source === 'string' && isLocal(source) ? [source] : []));
  return { blocks, hasBackend, localSources };
}

function isLocal(source: string): boolean {
  return source.startsWith('./') || source.startsWith('../');
}

/** Where JSON syntax allows one object or a list of them. */
function objectsOf(value: unknown): Record<string, unknown>[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null);
}

interface Token {
  readonly kind: 'name' | 'string' | 'newline' | 'mark';
  readonly value: string;
}

const patterns = {
  space: /(?:[^\S\n]|#.*|\/\/.*|\/\*[\s\S]*?(?:\*\/|$(?![\s\S])))+/y,
  name: /[\p{L}_][\p{L}\p{N}_-]*/uy,
  heredoc: /<<-?([\p{L}_][\p{L}\p{N}_-]*)[^\n]*\n/uy,
};

function* tokens(text: string): Generator<Token> {
  const match = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (let at = 0; at < text.length; ) {
    const space = match(patterns.space, at);
    const heredoc = space === null ? match(patterns.heredoc, at) : null;
    const name = space === null && heredoc === null ? match(patterns.name, at) : null;
    if (space !== null) at += space[0].length;
    else if (heredoc !== null) {
      at = endOfHeredoc(text, at + heredoc[0].length, heredoc[1] ?? '');
      yield { kind: 'newline', value: '\n' };
    } else if (name !== null) {
      yield { kind: 'name', value: name[0] };
      at += name[0].length;
    } else if (text[at] === '"') {
      const end = endOfString(text, at + 1);
      yield { kind: 'string', value: text.slice(at + 1, end) };
      at = end + 1;
    } else {
      yield { kind: text[at] === '\n' ? 'newline' : 'mark', value: text.charAt(at) };
      at += 1;
    }
  }
}

/** The position of the closing quote; `${…}` and `%{…}` may hold strings of their own. */
function endOfString(text: string, start: number): number {
  // What is open, innermost last: a string, or a brace within a template.
  const open: ('"' | '{')[] = ['"'];
  for (let at = start; at < text.length; at += 1) {
    const inString = open.at(-1) === '"';
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') {
      if (inString) open.pop();
      else open.push('"');
      if (open.length === 0) return at;
    } else if (inString && (character === '$' || character === '%') && text[at + 1] === '{') {
      // `$${` is not the beginning of a template.
      if (text[at - 1] === character) continue;
      open.push('{');
      at += 1;
    } else if (!inString && character === '{') open.push('{');
    else if (!inString && character === '}') open.pop();
  }
  return text.length;
}

function endOfHeredoc(text: string, start: number, marker: string): number {
  for (let at = start; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    if (text.slice(at, end).trim() === marker) return end;
    at = end + 1;
  }
  return text.length;
}
