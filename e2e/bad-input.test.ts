// What wrong requests, repositories and configurations get: a clear answer, and nothing left behind.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from './src/http.js';
import { expectNothingLeft } from './src/nothing-left.js';
import { type RunResult, request, resource, startWorld, type World } from './src/world.js';

const oddBranch = `x;$(id)&'"y`;
const marker = join(tmpdir(), `terramesh-hostile-${process.pid}`);

let world: World;
let commits: { first: string; second: string; odd: string };

beforeAll(async () => {
  world = await startWorld({
    mesh: 'inproc',
    settings: {
      TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*,gitlab.com/*,gitea.com/acme/*,!github.com/acme/secret*',
      TERRAMESH_GITLAB_URL: 'off',
      TERRAMESH_BODY_LIMIT: '65536',
    },
  });
  commits = await populate(world);
});
afterAll(async () => {
  await world?.stop();
});
afterEach(async () => {
  await expectNothingLeft(world);
  expect(existsSync(marker)).toBe(false);
});

async function populate({ host }: World) {
  const infra = await host.create('acme/infra', { 'ok/main.tf': resource('one') });
  const first = await infra.git('rev-parse', 'HEAD');
  await infra.git('tag', 'light');
  await infra.git('tag', '--annotate', '--message', 'x', 'annotated');
  await infra.git('tag', '--annotate', '--message', 'x', 'nested', 'annotated');
  await infra.git('push', '--quiet', 'origin', '--tags');
  const second = await infra.commit({ 'ok/main.tf': resource('two'), '-chdir=ok/main.tf': resource('three') });
  const odd = await infra.commit({ 'ok/main.tf': resource('four') }, oddBranch);
  const configs = {
    syntax: 'version: 3\nprojects:\n  - name: a\n    dir: [ok\n',
    'unknown-key': 'version: 3\nprojects:\n  - name: a\n    dir: ok\n    terraform_versoin: 1\nflow: x\n',
    circle: 'version: 3\nprojects:\n- {name: a, dir: a, depends_on: [b]}\n- {name: b, dir: b, depends_on: [a]}\n',
    named: 'version: 3\nprojects:\n- {name: a, dir: ok}\n- {name: b, dir: gone}\n- {name: c, dir: ../x}\n',
    'named-well': 'version: 3\nprojects:\n- {name: a, dir: ok}\n- {name: b, dir: gone, workspace: prod}\n',
    linked: '-> /etc/hostname',
  };
  for (const [branch, config] of Object.entries(configs)) await infra.commit({ 'atlantis.yaml': config }, branch);
  await host.create('acme/empty');
  await host.create('acme/secret-plans', { 'main.tf': resource() });
  return { first, second, odd };
}

const errorOf = (answer: Answer) => [answer.status, answer.json<{ error: string }>().error];
const output = (answer: Answer) => answer.json<RunResult>().ProjectResults[0]?.PlanSuccess?.TerraformOutput ?? '';

describe('a ref', () => {
  test.each([
    ['main', 'two'],
    ['refs/heads/main', 'two'],
    ['light', 'one'],
    ['annotated', 'one'],
    ['refs/tags/nested', 'one'],
    [oddBranch, 'four'],
  ])('%s is found', async (Ref, input) => {
    expect(output(await world.plan(request(['ok'], { Ref })))).toContain(`+ input  = "${input}"`);
  });

  test('may be a commit: whole, in capitals, shortened, of a branch or only of its history', async () => {
    for (const [Ref, input] of [
      [commits.first, 'one'],
      [commits.second.toUpperCase(), 'two'],
      [commits.odd.slice(0, 10), 'four'],
    ])
      expect(output(await world.plan(request(['ok'], { Ref })))).toContain(`+ input  = "${input}"`);
  });

  test.each(['nope', 'HEAD', 'refs/tags/main', 'refs/heads/light', 'a'.repeat(40), 'abcdef0', `$(touch$IFS${marker})`])(
    '%s does not exist: 404',
    async (Ref) => {
      const answer = await world.plan(request(['ok'], { Ref }));
      expect(errorOf(answer)).toEqual([404, `ref '${Ref}' does not exist in acme/infra`]);
    },
  );
});

describe('a repository', () => {
  test.each([
    [{ Repository: 'acme/none' }, 404, 'acme/none does not exist or access to it is denied'],
    [{ Repository: 'acme/empty' }, 404, 'acme/empty is empty: it has no branch and no tag'],
    [{ Type: 'gitlab' }, 400, 'Gitlab is not configured: set TERRAMESH_GITLAB_URL'],
    [{ Type: 'BitbucketCloud' }, 400, 'Github, Gitlab, Gitea'],
    [{ Repository: 'acme/secret-plans' }, 403, 'repo not allowlisted'],
    [{ Repository: 'other/infra' }, 403, 'repo not allowlisted'],
    [{ Repository: 'other/infra', Type: 'Gitea' }, 403, 'repo not allowlisted'],
  ])('%j is %i', async (part, status, message) => {
    await world.tools.forget();
    const answer = await world.plan(request(['ok'], part));
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(errorOf(answer)).toEqual([status, expect.stringContaining(message)]);
    // What is refused is refused before any network call.
    if (status !== 404) expect(await world.tools.calls()).toEqual([]);
  });

  test('that appears later is found then', async () => {
    const body = request(['.'], { Repository: 'acme/later' });
    expect((await world.plan(body)).status).toBe(404);
    await world.host.create('acme/later', { 'main.tf': resource() });
    expect((await world.plan(body)).status).toBe(200);
  });
});

describe('atlantis.yaml', () => {
  test.each([
    ['syntax', /: line 5, column 1: /],
    ['unknown-key', /line 5, column 5: unknown key "terraform_versoin"/],
    ['circle', /: line 4, column 3: depends_on goes in a circle: a → b → a$/],
    ['named', /: line 5, column \d+: dir "..\/x"/],
    ['linked', /: it is a symbolic link that leaves the repository$/],
  ])('of branch %s is refused with its place', async (Ref, message) => {
    const [status, error] = errorOf(await world.plan(request([], { Ref, Projects: ['a'] })));
    expect([status, error]).toEqual([400, expect.stringMatching(message)]);
    expect(error).toMatch(/^failed to build command: parsing atlantis\.yaml: line /);
    expect(error).not.toContain(world.dataDirs[0]);
  });

  test.each([
    ['main', ['a'], 'cannot specify a project name unless an atlantis.yaml file exists to configure projects'],
    ['named-well', ['a', 'x'], "no project with name 'x' is defined in 'atlantis.yaml'"],
    ['named-well', ['-p', '$(id)'], "no project with name '-p' is defined in 'atlantis.yaml'"],
  ])('on %s: projects %j', async (Ref, Projects, reason) => {
    const answer = await world.plan(request([], { Ref, Projects }));
    expect(errorOf(answer)).toEqual([400, `failed to build command: ${reason}`]);
  });

  test('a workspace that it does not allow is refused; a project without its directory fails alone', async () => {
    const refused = await world.plan(request(['gone@stage'], { Ref: 'named-well' }));
    expect(errorOf(refused)).toEqual([
      400,
      expect.stringContaining('only configured for the following workspaces: prod'),
    ]);
    const answer = await world.plan(request(['gone@prod'], { Ref: 'named-well', Projects: ['a', 'b'] }));
    expect([answer.status, answer.json<RunResult>().ProjectResults]).toMatchObject([
      500,
      [
        { ProjectName: 'a', Error: null },
        { ProjectName: 'b', RepoRelDir: 'gone', Workspace: 'prod', Error: 'the dir "gone" does not exist' },
      ],
    ]);
  });
});

describe('what could be taken for an option, a path or a command', () => {
  const touch = `touch ${marker}`;
  const hostile: Record<string, string[]> = {
    Ref: ['-x', `--upload-pack=${touch}`, '+main', 'main:evil', 'a..b', 'ma in', 'main\n', 'main\0', 'main~1', 'main^'],
    Repository: ['../acme/infra', 'acme/..', 'acme/../x', '-x/y', 'acme/-x', 'https://x/y', 'acme', 'acme/infra/x'],
    Workspace: ['-destroy', '../x', 'a/b', 'a b', `;${touch}`, '$(id)', '.', '..', '~', 'a\nb', 'x'.repeat(91)],
    Directory: ['ok\n', '\0', 'ok\x1b[2J'],
  };
  hostile.Ref?.push('refs/pull/1/head', '@{u}', 'main.', '/main', 'x'.repeat(256), 'refs/remotes/x');
  hostile.Repository?.push(
    'acme//infra',
    'acme/infra/',
    '/acme/infra',
    'ac me/x',
    'acme/in\nfra',
    'acme/infra.git',
    'a:b/c',
  );

  test.each(Object.entries(hostile))(
    '%s %j: each is 400, and no process is started for a ref or a name',
    async (key, values) => {
      for (const value of values) {
        await world.tools.forget();
        const isPath = key === 'Workspace' || key === 'Directory';
        const answer = await world.plan(
          isPath ? request([], { Paths: [{ [key]: value }] }) : request(['ok'], { [key]: value }),
        );
        expect([value, ...errorOf(answer)]).toEqual([value, 400, expect.any(String)]);
        if (key !== 'Directory') expect(await world.tools.calls()).toEqual([]);
      }
    },
  );

  test('a directory is never more than a name, and every process gets our options only', async () => {
    await world.tools.forget();
    const literal = [
      `$(${touch})`,
      `\`${touch}\``,
      `;${touch}`,
      `ok;${touch}`,
      'o*',
      '~',
      '~root',
      '%2e%2e',
      '-help',
      'ok/..%2f..',
    ];
    const answer = await world.plan(request(['-chdir=ok', ...literal]));
    const [first, ...others] = answer.json<RunResult>().ProjectResults;
    expect(first?.PlanSuccess?.TerraformOutput).toContain('+ input  = "three"');
    expect(others.map((one) => one.Error)).toEqual(literal.map((name) => `the dir "${name}" does not exist`));

    for (const { tool, args } of await world.tools.calls()) {
      const before = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
      const options = before.filter((argument) => argument.startsWith('-'));
      const known = tool === 'git' ? gitOption : terraformOption;
      expect(options.filter((option) => !known.test(option))).toEqual([]);
    }
  });

  const gitOption = /^--?(git-dir=\/.*|quiet|prune|no-[a-z-]+|detach|reset|u|orphan|bare|initial-branch=\w+)$/;
  const terraformOption = /^-(input=false|no-color|detailed-exitcode|json|out=\/.*|lock-timeout=\d+ms)$/;

  test.each([
    ['an empty list', { Projects: [], Paths: [] }, 'at least one of Projects or Paths must be specified'],
    ['a path with nothing in it', { Paths: [{}] }, 'Directory'],
    ['a negative PR', { PR: -1 }, 'PR'],
    ['a PR with a fraction', { PR: 1.5 }, 'PR'],
  ])('%s is 400', async (_name, part, message) => {
    expect(errorOf(await world.plan(request(['ok'], part)))).toEqual([400, expect.stringContaining(message)]);
  });

  test('a body that is too long is 413, and one that is no JSON is 400', async () => {
    const long = await world.http('POST', '/api/plan', { body: `{"Ref":"${'x'.repeat(100_000)}"}` });
    expect(errorOf(long)).toEqual([413, expect.stringMatching(/too large/)]);
    expect((await world.http('POST', '/api/apply', { body: '{"Ref":' })).status).toBe(400);
  });
});
