// Odd ids, query values and documents of the TFE API, the same for the same seed. Documents follow the route's schema
// mostly, so that what is odd in them is reached.

export interface JsonSchema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
}

const texts = [
  '',
  ' ',
  'a',
  'name',
  'Default Project',
  '%',
  '_',
  "'; drop table workspace; --",
  '\\',
  '../../etc',
  '*',
  '-1',
  '0',
  '1e9',
  '99999999999999999999',
  'NaN',
  '\u0000',
  '\ud800',
  '\u202eİıß𝕏\ufffe',
  '__proto__',
  'constructor',
  'name,-name,,',
  'project,organization,current_run,effective_tag_bindings',
  '2030-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999-23:59',
  'x'.repeat(300),
  'x'.repeat(3_000),
];
const others = [null, true, false, 0, -1, 1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, [], {}, [[]], { data: null }];
const bodies = [
  '',
  'null',
  '[]',
  '"x"',
  '{',
  '{"data":',
  '{"data":[]}',
  '{"data":{"type":null}}',
  `${'['.repeat(40)}${']'.repeat(40)}`,
];
const maxDepth = 8;

export class OddValues {
  private state: number;

  constructor(
    seed: number,
    private readonly schemas: Readonly<Record<string, JsonSchema>>,
    /** By the type of the resource. */
    private readonly ids: Readonly<Record<string, readonly string[]>>,
  ) {
    this.state = seed;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  oneOf<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.next() * values.length)];
    return value as T;
  }

  /** Mostly of something of this type that is there. A path has no empty parts. */
  id(type: string): string {
    const known = this.ids[type];
    if (known !== undefined && this.chance(0.85)) return this.oneOf(known);
    return this.chance(0.5) ? this.anyId() : this.text().replace(/\p{Surrogate}/gu, '?') || 'none';
  }

  /** Of a parameter by this name; mostly one that is let through, so that the others are looked at too. */
  queryValue(name: string): string {
    if (this.chance(0.2)) return this.chance(0.3) ? this.anyId() : this.text();
    if (name.startsWith('page[')) return this.oneOf(['1', '2', '7', '100', '101', '1000000000']);
    if (name === 'sort') return this.oneOf(['', 'name', '-name']);
    if (name === 'include') return '';
    return name === 'filter[project][id]' ? this.id('projects') : this.text();
  }

  document(schema: JsonSchema): string {
    return this.chance(0.15) ? this.oneOf(bodies) : JSON.stringify(this.value(schema, 0));
  }

  private value(schema: JsonSchema, depth: number): unknown {
    if (depth > maxDepth || this.chance(0.02)) return this.chance(0.5) ? this.text() : this.oneOf(others);
    const { $ref, anyOf, properties, items, additionalProperties } = schema;
    const next = (one: JsonSchema) => this.value(one, depth + 1);
    if ($ref !== undefined) return this.value(this.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, depth);
    if (anyOf !== undefined) return next(this.oneOf(anyOf));
    if ('const' in schema) return schema.const;
    if (schema.enum !== undefined) return this.oneOf(schema.enum);
    if (properties !== undefined) {
      const kept = Object.entries(properties).filter(([name]) => this.chance(required.has(name) ? 0.97 : 0.4));
      const type = properties.type?.const;
      const isKnown = typeof type === 'string' && this.ids[type] !== undefined;
      return Object.fromEntries(
        kept.map(([name, one]) => [name, isKnown && name === 'id' ? this.id(type) : next(one)]),
      );
    }
    if (items !== undefined) return Array.from({ length: Math.floor(this.next() * 4) }, () => next(items));
    if (typeof additionalProperties === 'object') return { [this.text()]: next(additionalProperties) };
    if (schema.type === 'boolean') return this.chance(0.5);
    if (schema.type === 'integer' || schema.type === 'number')
      return this.oneOf([0, 1, 60, -1, Number.MAX_SAFE_INTEGER]);
    if (schema.type === 'null') return null;
    if (this.chance(0.6)) return `n-${Math.floor(this.next() * 1e6)}`;
    return this.chance(0.3) ? this.anyId() : this.text();
  }

  private anyId(): string {
    return this.oneOf(Object.values(this.ids).flat());
  }

  private text(): string {
    return this.oneOf(texts);
  }

  /** mulberry32 */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Without them a document would say nothing. */
const required = new Set(['data', 'type', 'attributes', 'id', 'name', 'key']);
