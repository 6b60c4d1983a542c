import { describe, expect, test } from '@jest/globals';
import { AppError } from '../errors.js';
import { parseDocument } from './document.js';
import { createProjectDocument, projectNameProblems, updateProjectDocument } from './project-documents.js';
import { TagBindingsDocument } from './tag-bindings.js';

const rules = { maxNameLength: 36 };
const only = /^Name may only contain /;
const short = 'Name is too short (minimum is 3 characters)';
const long = 'Name is too long (maximum is 36 characters)';
const blank = "Name can't be blank";

describe('a name', () => {
  test.each(['abc', 'a'.repeat(36), 'A b-c_9', '-_-', '___', 'x  y', '123'])('may be %j', (name) => {
    expect(projectNameProblems(name, rules)).toEqual([]);
  });

  test.each<[string, (string | RegExp)[]]>([
    ['', [blank, short]],
    ['   ', [blank, only]],
    ['ab', [short]],
    ['a'.repeat(37), [long]],
    [' ab', [only]],
    ['ab ', [only]],
    ['! / nope', [only]],
    [' !', [short, only]],
    [`${'ä'.repeat(37)}`, [long, only]],
    ['abc\n', [only]],
    ['abc\ndef', [only]],
    ['abc\tdef', [only]],
    ['abc\u0000', [only]],
    ['Größe', [only]],
    ['проект', [only]],
    ['项目项目', [only]],
    ['مشروع', [only]],
    ['\u202eabc', [only]],
    ['ab\u200bc', [only]],
    ['ab\u00a0c', [only]],
    ['\ufeffabc', [only]],
    ['party 🎉', [only]],
    ['👨‍👩‍👧', [only]],
    ['ａｂｃ', [only]],
    ['\u212aelvin', [only]],
    ['abc\ud800', [only]],
    ['a.b', [only]],
    ['a/b', [only]],
  ])('cannot be %j', (name, problems) => {
    expect(projectNameProblems(name, rules)).toEqual(
      problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
    );
  });

  test('may be as long as the setting says', () => {
    expect(projectNameProblems('a'.repeat(40), { maxNameLength: 40 })).toEqual([]);
    expect(projectNameProblems('a'.repeat(41), { maxNameLength: 40 })).toEqual([
      'Name is too long (maximum is 40 characters)',
    ]);
  });
});

type Problem = { title: string; detail: string; pointer: string };
function problemsOf(schema: Parameters<typeof parseDocument>[0], document: unknown): Problem[] {
  try {
    parseDocument(schema, document);
  } catch (error) {
    if (error instanceof AppError) return (error.details as { problems: Problem[] }).problems;
    throw error;
  }
  return [];
}
const create = createProjectDocument(rules);
const update = updateProjectDocument(rules);
const project = (attributes: object, relationships?: unknown) => ({
  data: { type: 'projects', attributes: { name: 'fine', ...attributes }, relationships },
});

describe('a document', () => {
  test.each<[string, unknown, string[]]>([
    ['nothing', null, ['/data']],
    ['a list', [], ['/data']],
    ['a text', 'x', ['/data']],
    ['no data', {}, ['/data']],
    ['data that is null', { data: null }, ['/data']],
    ['data that is a list', { data: [] }, ['/data']],
    ['data that is a number', { data: 1 }, ['/data']],
    ['data without anything', { data: {} }, ['/data/type', '/data/attributes/name']],
    ['another type', { data: { type: 'workspaces', attributes: { name: 'fine' } } }, ['/data/type']],
    ['attributes that are a list', { data: { type: 'projects', attributes: [] } }, ['/data/attributes']],
    ['attributes that are null', { data: { type: 'projects', attributes: null } }, ['/data/attributes']],
    ['a name that is a number', project({ name: 7 }), ['/data/attributes/name']],
    ['a name that is an object', project({ name: {} }), ['/data/attributes/name']],
    ['a description that is a list', project({ description: [] }), ['/data/attributes/description']],
    ['a long description', project({ description: 'x'.repeat(257) }), ['/data/attributes/description']],
    ['a description with NUL', project({ description: 'a\0' }), ['/data/attributes/description']],
    [
      'everything wrong at once',
      project({
        name: '!',
        description: 1,
        'auto-destroy-activity-duration': '20m',
        'default-execution-mode': 'agent',
        'setting-overwrites': { 'agent-pool': true, 'execution-mode': false },
      }),
      [
        '/data/attributes/name',
        '/data/attributes/name',
        '/data/attributes/description',
        '/data/attributes/auto-destroy-activity-duration',
        '/data/attributes/default-agent-pool',
        '/data/attributes/setting-overwrites',
      ],
    ],
    ['relationships that are a list', project({}, []), ['/data/relationships']],
    ['tags that are no list', project({}, { 'tag-bindings': { data: {} } }), ['/data/relationships/tag-bindings/data']],
    [
      'a tag that is null',
      project({}, { 'tag-bindings': { data: [null] } }),
      ['/data/relationships/tag-bindings/data/0'],
    ],
    [
      'a tag of another type and without a key',
      project({}, { 'tag-bindings': { data: [{ type: 'tags', attributes: {} }] } }),
      ['/data/relationships/tag-bindings/data/0/type', '/data/relationships/tag-bindings/data/0/attributes/key'],
    ],
  ])('may not be %s', (_what, document, pointers) => {
    expect(problemsOf(create, document).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  test('may hold what nobody knows, and needs nothing but a type to update', () => {
    expect(problemsOf(create, { ...project({ colour: 'red' }), meta: 1 })).toEqual([]);
    expect(problemsOf(update, { data: { type: 'projects', id: 'prj-1' } })).toEqual([]);
    expect(problemsOf(create, project({ description: null, 'auto-destroy-activity-duration': null }))).toEqual([]);
    expect(problemsOf(create, project({ description: 'line\nline', 'auto-destroy-activity-duration': '14d' }))).toEqual(
      [],
    );
  });

  test.each(['bar', '20m', '0d', '0000h', '12345d', '-1d', '1.5h', 'd', '', '14D', ' 14d', '14d\n'])(
    'may not hold the duration %j',
    (duration) => {
      const [problem] = problemsOf(create, project({ 'auto-destroy-activity-duration': duration }));
      expect(`${problem?.title}\n\n${problem?.detail}`).toBe(
        "invalid attribute\n\nAuto destroy activity duration has an incorrect format, we expect up to 4 numeric digits and 1 unit ('d' or 'h')",
      );
    },
  );

  // The words that HashiCorp's own tests of its client look for.
  test.each<[object, unknown, string]>([
    [
      { 'default-execution-mode': 'remote', 'default-agent-pool-id': 'apool-1' },
      undefined,
      "unprocessable entity\n\nAgent pool must not be specified unless using 'agent' execution mode",
    ],
    [
      { 'default-agent-pool': 'apool-1' },
      undefined,
      "unprocessable entity\n\nAgent pool must not be specified unless using 'agent' execution mode",
    ],
    [
      {},
      { 'default-agent-pool': { data: { type: 'agent-pools', id: 'apool-1' } } },
      "unprocessable entity\n\nAgent pool must not be specified unless using 'agent' execution mode",
    ],
    [
      { 'default-execution-mode': 'agent', 'default-agent-pool-id': '' },
      undefined,
      "invalid attribute\n\nDefault agent pool must be specified when using 'agent' execution mode",
    ],
    [
      { 'setting-overwrites': { 'default-agent-pool': false, 'default-execution-mode': true } },
      undefined,
      'invalid attribute\n\nIf agent-pool and execution-mode are both included in setting-overwrites, their values must be the same.',
    ],
  ])('with %j is refused in known words', (attributes, relationships, text) => {
    const [problem] = problemsOf(create, project(attributes, relationships));
    expect(`${problem?.title}\n\n${problem?.detail}`).toBe(text);
  });

  test('of settings passes as the provider sends it', () => {
    const settings = {
      'default-execution-mode': 'remote',
      'default-agent-pool-id': '',
      'setting-overwrites': { 'default-execution-mode': true, 'default-agent-pool': true },
    };
    expect(problemsOf(update, project(settings, { 'default-agent-pool': { data: null } }))).toEqual([]);
  });
});

describe('tags', () => {
  const tag = (key: unknown, value?: unknown) => ({ type: 'tag-bindings', attributes: { key, value } });
  const tags = (...data: unknown[]) => ({ data });

  test.each([
    tag('k'),
    tag('a_b.c=d+e-f@g:h', 'v'),
    tag('k', ''),
    tag('k', null),
    tag('x'.repeat(128), 'y'.repeat(256)),
  ])('may be %j', (one) => expect(problemsOf(TagBindingsDocument, tags(one))).toEqual([]));

  test.each<[unknown, string]>([
    [tag(''), "Key can't be blank"],
    [tag('x'.repeat(129)), 'Key is too long (maximum is 128 characters)'],
    [tag('k', 'y'.repeat(257)), 'Value is too long (maximum is 256 characters)'],
    [tag('a b'), expect.stringMatching(/^Key may only contain /) as unknown as string],
    [tag('ü'), expect.stringMatching(/^Key may only contain /) as unknown as string],
    [tag('k', '🎉'), expect.stringMatching(/^Value may only contain /) as unknown as string],
    [tag('hc:x'), "Key may not begin with the reserved prefix 'hc:' or 'hcp:'"],
    [tag('HCP:x'), "Key may not begin with the reserved prefix 'hc:' or 'hcp:'"],
    [tag(1), 'Key must be a string'],
    [tag('k', 1), 'Value must be a string'],
  ])('cannot be %j', (one, detail) => {
    expect(problemsOf(TagBindingsDocument, tags(one)).map((problem) => problem.detail)).toEqual([detail]);
  });

  test('are ten at most, each key once, and may be none', () => {
    const many = Array.from({ length: 11 }, (_, index) => tag(`k${index}`));
    expect(problemsOf(TagBindingsDocument, tags(...many))).toMatchObject([
      { detail: 'cannot exceed 10 bindings per resource' },
    ]);
    expect(problemsOf(TagBindingsDocument, tags(...many.slice(1)))).toEqual([]);
    expect(problemsOf(TagBindingsDocument, tags(tag('k'), tag('k', 'v')))).toMatchObject([
      { detail: 'Key is given twice', pointer: '/data/1/attributes/key' },
    ]);
    expect(problemsOf(TagBindingsDocument, tags())).toEqual([]);
  });
});
