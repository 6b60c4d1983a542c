import { describe, expect, test } from '@jest/globals';
import { driftBounds, driftedResources } from './drifted-resources.js';

interface Change {
  actions?: string[];
  before?: unknown;
  after?: unknown;
  before_sensitive?: unknown;
  after_sensitive?: unknown;
  after_unknown?: unknown;
  importing?: unknown;
}

const resource = (change: Change, address = 'a.b') => ({ address, change: { actions: ['update'], ...change } });
const planned = (...changes: ReturnType<typeof resource>[]) => driftedResources({ resource_changes: changes });
const attributesOf = (change: Change) => planned(resource(change)).changes[0]?.attributes ?? [];
const shown = (change: Change) =>
  attributesOf(change).map(({ path, before, after }) => `${path}: ${before} -> ${after}`);

describe('a resource', () => {
  test('is listed with what would be done, and what was done outside of Terraform apart from that', () => {
    const drift = driftedResources({
      resource_changes: [resource({ before: { x: 2 }, after: { x: 1 } }, 'module.m["ü"].a.b[0]')],
      resource_drift: [resource({ actions: ['delete'], before: { x: 1 }, after: null }, 'a.gone')],
    });
    expect(drift).toMatchObject({
      truncated: false,
      changes: [
        { address: 'module.m["ü"].a.b[0]', kind: 'planned', actions: ['update'] },
        { address: 'a.gone', kind: 'outside', actions: ['delete'] },
      ],
    });
  });

  test.each([
    ['stays as it is', { actions: ['no-op'] }, undefined],
    ['is read', { actions: ['read'] }, undefined],
    ['is replaced, the old one first', { actions: ['delete', 'create'] }, ['delete', 'create']],
    ['is replaced, the new one first', { actions: ['create', 'delete'] }, ['create', 'delete']],
    ['is imported as it is', { actions: ['no-op'], importing: { id: 'i' } }, ['import']],
    ['is imported and changed', { actions: ['update'], importing: { id: 'i' } }, ['import', 'update']],
    ['is forgotten', { actions: ['forget'] }, ['forget']],
  ])('that %s', (_what, change, actions) => {
    expect(planned(resource(change)).changes[0]?.actions).toEqual(actions);
  });

  test('is not made of outputs alone', () => {
    expect(driftedResources({ output_changes: { o: { actions: ['update'] } } })).toEqual({
      truncated: false,
      changes: [],
    });
  });
});

describe('attributes', () => {
  test('are the leaves that differ, each with its path', () => {
    const before = { name: 'x', tags: { Name: 'a', 'a.b': '1', same: 1 }, list: [1, { port: 80 }, 3] };
    const after = { name: 'x', tags: { Name: 'b', 'a.b': '2', same: 1 }, list: [1, { port: 443 }] };
    expect(shown({ before, after })).toEqual([
      'tags.Name: "a" -> "b"',
      'tags["a.b"]: "1" -> "2"',
      'list[1].port: 80 -> 443',
      'list[2]: 3 -> null',
    ]);
  });

  test('that have no value are not told apart from those that are not there', () => {
    expect(shown({ before: { a: null, b: null }, after: { a: null } })).toEqual([]);
    expect(shown({ before: { a: null }, after: { a: {} } })).toEqual(['a: null -> {}']);
    expect(shown({ before: { a: [] }, after: { a: null } })).toEqual(['a: [] -> null']);
  });

  test('of something new or gone are all it has', () => {
    expect(shown({ actions: ['create'], before: null, after: { a: 1, b: { c: true } } })).toEqual([
      'a: null -> 1',
      'b.c: null -> true',
    ]);
    expect(shown({ actions: ['delete'], before: { a: 1, b: null }, after: null })).toEqual(['a: 1 -> null']);
  });

  test('that are not known yet say so', () => {
    const change = {
      before: { id: 'i', n: { deep: 1 } },
      after: { n: {} },
      after_unknown: { id: true, n: { deep: true } },
    };
    expect(attributesOf(change)).toEqual(
      [
        { path: 'n.deep', before: '1', after: '(known after apply)', sensitive: false, unknown: true },
        { path: 'id', before: '"i"', after: '(known after apply)', sensitive: false, unknown: true },
      ].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
  });

  test('of another shape than before are compared whole', () => {
    expect(shown({ before: { a: { b: 1 } }, after: { a: [1] } })).toEqual(['a: {"b":1} -> [1]']);
    expect(shown({ before: { a: 'x' }, after: { a: { b: 1 } } })).toEqual(['a: "x" -> {"b":1}']);
  });
});

describe('a sensitive value', () => {
  const secret = 'hunter2';
  const hidden = { before: null, after: null, sensitive: true, unknown: false };

  test.each<[string, Change, string[]]>([
    [
      'of an attribute',
      { before: { p: secret }, after: { p: 'new' }, before_sensitive: { p: true }, after_sensitive: { p: true } },
      ['p'],
    ],
    [
      'that is sensitive before only',
      { before: { p: secret }, after: { p: 'new' }, before_sensitive: { p: true }, after_sensitive: {} },
      ['p'],
    ],
    [
      'that is sensitive after only',
      { before: { p: 'x' }, after: { p: secret }, before_sensitive: false, after_sensitive: { p: true } },
      ['p'],
    ],
    [
      'within one that is sensitive as a whole',
      { before: { p: { a: secret } }, after: { p: { a: 'x' } }, before_sensitive: { p: true } },
      ['p'],
    ],
    ['of a whole resource', { before: { p: secret }, after: null, before_sensitive: true }, ['']],
    [
      'in a list',
      { before: { l: ['a', secret] }, after: { l: ['a', 'x'] }, after_sensitive: { l: [false, true] } },
      ['l[1]'],
    ],
    [
      'in something that changes its shape',
      { before: { p: { a: secret } }, after: { p: 'x' }, before_sensitive: { p: { a: true } } },
      ['p'],
    ],
    [
      'in something that is not known yet',
      { before: { p: { a: secret } }, after: {}, before_sensitive: { p: { a: true } }, after_unknown: { p: true } },
      ['p'],
    ],
  ])('%s never gets out', (_where, change, paths) => {
    const attributes = attributesOf(change);
    expect(JSON.stringify(attributes)).not.toContain(secret);
    expect(attributes.map(({ path }) => path)).toEqual(paths);
    for (const attribute of attributes)
      expect({ ...attribute, unknown: false }).toEqual({ ...hidden, path: attribute.path });
  });

  test('never gets out where it is not marked: copied, or within a text, by this or by another resource or a variable', () => {
    const { changes } = driftedResources({
      variables: { v: { value: 'variable-secret' }, w: { value: 'harmless' } },
      configuration: { root_module: { variables: { v: { sensitive: true }, w: {} } } },
      resource_changes: [
        resource({
          actions: ['no-op'],
          before: { p: secret, n: 'on' },
          after: { p: secret },
          after_sensitive: { p: true, n: true },
        }),
        resource({
          before: { copy: secret, url: 'a', list: {} },
          after: { copy: 'x', url: `//u:${secret}@h`, list: [{ [secret]: 1 }] },
        }),
        resource({ before: { a: 'variable-secret', b: 'harmless', c: 'on' }, after: { a: '', b: '', c: 'off' } }),
      ],
    });
    expect(JSON.stringify(changes)).not.toMatch(/hunter2|variable-secret/);
    expect(changes.flatMap((one) => one.attributes.map(({ path, sensitive }) => [path, sensitive]))).toEqual([
      ['copy', true],
      ['url', true],
      ['list', true],
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
  });

  test('that did not change is not listed, though it is marked otherwise now', () => {
    expect(
      attributesOf({ before: { p: secret }, after: { p: secret }, before_sensitive: {}, after_sensitive: { p: true } }),
    ).toEqual([]);
  });

  test('of the service itself is masked, also where the text is cut', () => {
    const long = `${'x'.repeat(driftBounds.valueChars - 10)}${secret.repeat(3)}`;
    const mask = (text: string) => text.replaceAll(secret, '***');
    const { changes } = driftedResources(
      { resource_changes: [resource({ before: { a: long }, after: { a: { b: secret } } })] },
      mask,
    );
    expect(JSON.stringify(changes)).not.toContain('hunter');
  });
});

describe('bounds', () => {
  test('cut a long value with …, never in the middle of a character', () => {
    const [attribute] = attributesOf({ before: { a: '🌍'.repeat(500) }, after: { a: 'x'.repeat(1_000_000) } });
    for (const text of [attribute?.before, attribute?.after]) {
      expect(text?.length).toBeLessThanOrEqual(driftBounds.valueChars);
      expect(text).toMatch(/…#[\w-]{5}$/);
      expect(Buffer.from(text ?? '', 'utf8').toString('utf8')).toBe(text);
    }
  });

  test('leave two long values different, wherever they differ', () => {
    const texts = ['a', 'b'].flatMap((end) =>
      [1_000, 100_000].map((length) => {
        const policy = 'x'.repeat(length) + end;
        return attributesOf({ before: {}, after: { policy } })[0]?.after;
      }),
    );
    expect(new Set(texts).size).toBe(4);
    expect(attributesOf({ before: {}, after: { policy: `${'x'.repeat(1_000)}a` } })[0]?.after).toBe(texts[0]);
  });

  test('say that there is more: attributes, resources, bytes', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
    const attributes = planned(resource({ before: many(51), after: null }));
    expect([attributes.truncated, attributes.changes[0]?.attributes.length]).toEqual([true, 50]);
    expect(planned(resource({ before: many(50), after: null })).truncated).toBe(false);

    const resources = planned(...Array.from({ length: 501 }, (_, index) => resource({}, `a.b[${index}]`)));
    expect([resources.truncated, resources.changes.length]).toEqual([true, 500]);

    const large = { a: 'x'.repeat(500), b: 'x'.repeat(500), c: 'x'.repeat(500) };
    const bytes = planned(...Array.from({ length: 400 }, () => resource({ before: large, after: null })));
    expect(bytes.truncated).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(bytes.changes))).toBeLessThanOrEqual(
      driftBounds.bytes + bytes.changes.length + 2,
    );
  });

  test('hold for addresses and paths, and for what Postgres cannot store', () => {
    const key = `k\0\ud83d${'x'.repeat(2_000)}`;
    const { changes } = planned(resource({ before: { [key]: 1 }, after: {} }, `a.b["${key}"]`));
    expect(changes[0]?.address.length).toBeLessThanOrEqual(driftBounds.addressChars);
    expect(changes[0]?.attributes[0]?.path.length).toBeLessThanOrEqual(500);
    expect(JSON.stringify(changes)).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud83d/);
  });

  test('hold for a document that is nested without end', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 500; depth++) deep = { d: deep };
    expect(attributesOf({ before: deep, after: null })).toHaveLength(1);
  });
});

test('something that is not a plan is refused', () => {
  expect(() => driftedResources({ resource_changes: [{ address: 1 }] })).toThrow();
});
