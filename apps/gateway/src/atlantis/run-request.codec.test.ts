import { describe, expect, test } from '@jest/globals';
import { decodeRunRequest } from './run-request.codec.js';

const valid = {
  Repository: 'acme/infra',
  Ref: 'main',
  Type: 'Github',
  Paths: [{ Directory: '.', Workspace: 'default' }],
};

function decode(body: unknown) {
  return decodeRunRequest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

function refusal(body: unknown): string {
  try {
    decode(body);
  } catch (error) {
    expect(error).toMatchObject({ name: 'AppError', code: 'INVALID' });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was accepted');
}

describe('what is accepted', () => {
  test("the seed's sample with a pull request", () => {
    expect(decode({ ...valid, PR: 2 })).toEqual({
      type: 'Github',
      repository: 'acme/infra',
      ref: 'main',
      pull: 2,
      projects: [],
      paths: [{ directory: '.', workspace: 'default' }],
    });
  });

  test.each([[{}], [{ PR: 0 }], [{ PR: null }]])('%j means no pull request', (pull) => {
    expect(decode({ ...valid, ...pull })).toMatchObject({ pull: null });
  });

  test('keys match in any case at every level', () => {
    const body = {
      repository: 'acme/infra',
      REF: 'main',
      type: 'Github',
      pAthS: [{ directory: 'a', WORKSPACE: 'b' }],
      pr: 3,
    };
    expect(decode(body)).toMatchObject({
      repository: 'acme/infra',
      pull: 3,
      paths: [{ directory: 'a', workspace: 'b' }],
    });
  });

  test('the last of several spellings of a key wins, but null never does', () => {
    const body =
      '{"Repository":"a/b","Ref":"one","ref":"two","REF":null,"Type":"Github","Projects":["p"],"PR":1,"PR":2}';
    expect(decode(body)).toMatchObject({ ref: 'two', pull: 2 });
  });

  test('unknown keys are ignored at every level', () => {
    const body = { ...valid, Nope: { deep: [1] }, Paths: [{ Directory: '.', Extra: true }] };
    expect(decode(body)).toMatchObject({ paths: [{ directory: '.', workspace: '' }] });
  });

  test.each(['github', 'GITLAB', 'gItEa'])('type %s matches in any case', (type) => {
    expect(decode({ ...valid, Type: type }).type.toLowerCase()).toBe(type.toLowerCase());
  });

  test('a repository of Gitlab may be deep', () => {
    expect(decode({ ...valid, Type: 'Gitlab', Repository: 'a/b/c/d' })).toMatchObject({ repository: 'a/b/c/d' });
  });

  test.each([
    'main',
    'feature/x',
    'v1.2.3',
    'refs/heads/main',
    'refs/tags/v1',
    '0123456789abcdef0123456789abcdef01234567',
  ])('ref %s', (ref) => {
    expect(decode({ ...valid, Ref: ref })).toMatchObject({ ref });
  });

  test('projects alone, and a path with only one of its two members', () => {
    expect(decode({ ...valid, Paths: null, Projects: ['vpc'] })).toMatchObject({ projects: ['vpc'], paths: [] });
    expect(decode({ ...valid, Paths: [{ Workspace: 'prod' }] })).toMatchObject({
      paths: [{ directory: '', workspace: 'prod' }],
    });
  });
});

describe('syntax and types come first', () => {
  test.each([
    ['', 'unexpected end of JSON input'],
    ['{"Repository":', 'failed to parse request: '],
    ['{} trailing', 'failed to parse request: '],
    ['[]', 'failed to parse request: expected an object, got an array'],
    ['"text"', 'failed to parse request: expected an object, got a string'],
  ])('%j', (body, message) => {
    expect(refusal(body)).toContain(message);
  });

  test.each([
    { PR: '2' },
    { PR: true },
    { Repository: 5 },
    { Projects: 'vpc' },
    { Projects: [1] },
    { Paths: {} },
    { Paths: [7] },
    { Paths: [{ Directory: 1 }] },
  ])('%j has a wrong type', (part) => {
    expect(refusal({ ...valid, ...part })).toMatch(/^failed to parse request: /);
  });

  test('a wrong type is reported before a missing field', () => {
    expect(refusal({ Repository: 'a/b', PR: '2' })).toMatch(/^failed to parse request: PR/);
  });
});

describe('then required fields', () => {
  test.each([
    [{}, 'Repository, Ref, Type'],
    ['null', 'Repository, Ref, Type'],
    [{ ...valid, Ref: '' }, 'Ref'],
    [{ ...valid, Type: null }, 'Type'],
  ])('%j', (body, missing) => {
    expect(refusal(body)).toMatch(/^request ".*" is missing fields: /);
    expect(refusal(body)).toMatch(new RegExp(`: ${missing}$`));
  });

  test('a missing field is reported before a bad value', () => {
    expect(refusal({ Repository: 'a/b', Ref: 'main', PR: -1 })).toMatch(/is missing fields: Type$/);
  });

  test('the shown body is bounded', () => {
    expect(refusal({ Ref: 'x'.repeat(100_000) }).length).toBeLessThan(700);
  });
});

describe('then values', () => {
  test.each([[{ Paths: undefined }], [{ Paths: [], Projects: [] }], [{ Paths: null }]])('%j has no target', (part) => {
    expect(refusal({ ...valid, ...part })).toBe('at least one of Projects or Paths must be specified');
  });

  test.each([
    [{ PR: -1 }, 'PR'],
    [{ PR: 2.5 }, 'PR'],
    [{ PR: 1e300 }, 'PR'],
    [{ Type: 'BitbucketCloud' }, 'Github, Gitlab, Gitea'],
    [{ Type: 'BitbucketServer' }, 'Github, Gitlab, Gitea'],
    [{ Type: 'AzureDevops' }, 'Github, Gitlab, Gitea'],
    [{ Type: 'svn' }, '"svn" is not a valid type'],
    [{ Repository: 'infra' }, 'owner/name'],
    [{ Repository: 'a/b/c' }, 'owner/name'],
    [{ Repository: 'acme/..' }, 'owner/name'],
    [{ Repository: 'acme//infra' }, 'owner/name'],
    [{ Repository: '/acme/infra' }, 'owner/name'],
    [{ Repository: 'https://github.com/acme/infra' }, 'owner/name'],
    [{ Type: 'Gitlab', Repository: 'infra' }, 'group/name'],
    [{ Type: 'Gitlab', Repository: 'a/../b' }, 'group/name'],
    [{ Ref: '-rf' }, 'Ref'],
    [{ Ref: 'a:b' }, 'Ref'],
    [{ Ref: 'a..b' }, 'Ref'],
    [{ Ref: 'a\u0007b' }, 'Ref'],
    [{ Ref: 'refs/pull/1/head' }, 'Ref'],
    [{ Paths: [{}] }, 'at least one of Directory or Workspace'],
    [{ Paths: [null] }, 'at least one of Directory or Workspace'],
    [{ Paths: [{ Directory: '', Workspace: '' }] }, 'at least one of Directory or Workspace'],
    [{ Paths: [{ Workspace: '../x' }] }, 'invalid workspace "../x"'],
    [{ Paths: [{ Workspace: '-x' }] }, 'invalid workspace "-x"'],
    [{ Paths: [{ Workspace: '~x' }] }, 'invalid workspace "~x"'],
    [{ Paths: [{ Workspace: '.' }] }, 'invalid workspace "."'],
    [{ Paths: [{ Workspace: 'a b' }] }, 'invalid workspace "a b"'],
    [{ Paths: [{ Workspace: '$HOME' }] }, 'invalid workspace "$HOME"'],
    [{ Projects: [''] }, 'Projects[0]'],
    [{ Projects: Array.from({ length: 1001 }, (_, index) => `p${index}`) }, 'Projects'],
  ])('%j', (part, mentioned) => {
    expect(refusal({ ...valid, ...part })).toContain(mentioned);
  });

  test('every bad value is reported at once', () => {
    const message = refusal({ ...valid, PR: -1, Ref: '-x', Paths: [{ Workspace: '-w' }, {}] });
    expect(message.split('; ')).toHaveLength(4);
  });
});
