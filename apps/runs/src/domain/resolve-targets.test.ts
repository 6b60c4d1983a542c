import { describe, expect, it } from '@jest/globals';
import { maxTargets } from '@terramesh/contracts';
import type { ConfiguredProject, RepoConfig } from './repo-config.js';
import { resolveEveryTarget, resolveTargets } from './resolve-targets.js';

function configOf(...projects: (Partial<ConfiguredProject> & { directory: string })[]): RepoConfig {
  const defaults = { name: '', terraformWorkspace: 'default', executionOrderGroup: 0, dependsOn: [] };
  return { version: 3, projects: projects.map((project) => ({ ...defaults, ...project })) };
}

const config = configOf(
  { name: 'vpc', directory: 'vpc' },
  { name: 'app', directory: 'app', executionOrderGroup: 2, dependsOn: ['vpc'] },
  { name: 'twin-a', directory: 'twin' },
  { name: 'twin-b', directory: 'twin' },
  { directory: 'env', terraformWorkspace: 'staging' },
  { directory: 'env', terraformWorkspace: 'production' },
  { name: 'base', directory: '.', executionOrderGroup: -1 },
);

function resolve(request: { projects?: string[]; paths?: [string, string][]; config?: RepoConfig | null }) {
  return resolveTargets({
    projects: request.projects ?? [],
    paths: (request.paths ?? []).map(([directory, workspace]) => ({ directory, workspace })),
    config: request.config === undefined ? config : request.config,
  });
}

describe('a path', () => {
  it.each([
    ['', '', '.', 'default'],
    ['.', '', '.', 'default'],
    ['./', 'blue', '.', 'blue'],
    ['a/', '', 'a', 'default'],
    ['./a//b/', '', 'a/b', 'default'],
    ['a/../b', '', 'b', 'default'],
    ['a*', '', 'a*', 'default'],
    ['-chdir=x', '', '-chdir=x', 'default'],
    ['..a', '', '..a', 'default'],
  ])('%j in workspace %j is directory %s, workspace %s', (directory, workspace, cleaned, terraformWorkspace) => {
    expect(resolve({ paths: [[directory, workspace]], config: null })).toEqual([
      {
        target: { directory: cleaned, terraformWorkspace, name: '' },
        executionOrderGroup: 0,
        dependsOn: [],
        problem: null,
      },
    ]);
  });

  it('takes name, group and dependencies of the one project it equals', () => {
    expect(resolve({ paths: [['./app/', '']] })).toEqual([
      {
        target: { directory: 'app', terraformWorkspace: 'default', name: 'app' },
        executionOrderGroup: 2,
        dependsOn: ['vpc'],
        problem: null,
      },
    ]);
  });

  it('may name a directory that is not configured', () => {
    expect(resolve({ paths: [['other', 'blue']] })).toMatchObject([{ target: { name: '' }, problem: null }]);
  });

  it.each(['../x', '..', 'a/../../x', '/etc', '/'])(
    '%j that leaves the repository fails its own target only',
    (path) => {
      const [outside, inside] = resolve({
        paths: [
          [path, ''],
          ['a', ''],
        ],
        config: null,
      });
      expect(outside?.problem).toMatch(/^project path traversal detected: /);
      expect(inside?.problem).toBeNull();
    },
  );
});

describe('the order', () => {
  it('is the request, names first, without repeats, then by execution order group', () => {
    const resolved = resolve({
      projects: ['app', 'vpc', 'app'],
      paths: [
        ['vpc', ''],
        ['z', ''],
        ['./z/', 'default'],
        ['.', ''],
        ['a', ''],
      ],
    });
    expect(resolved.map(({ target }) => target.directory)).toEqual(['.', 'vpc', 'z', 'a', 'app']);
  });
});

describe('a request is refused', () => {
  it.each([
    ['an unknown name', { projects: ['x'] }, "no project with name 'x' is defined in 'atlantis.yaml'"],
    ['a name that differs in case', { projects: ['VPC'] }, "no project with name 'VPC' is defined in 'atlantis.yaml'"],
    [
      'a name without atlantis.yaml',
      { projects: ['vpc'], config: null },
      'cannot specify a project name unless an atlantis.yaml file exists to configure projects',
    ],
    [
      'a path of several projects',
      { paths: [['twin', '']] as [string, string][] },
      "must specify project name: more than one project defined in 'atlantis.yaml' matched dir: 'twin' workspace: 'default'",
    ],
    [
      'a workspace that its directory is not configured for',
      { paths: [['env', '']] as [string, string][] },
      'running commands in workspace "default" is not allowed because this directory is only configured for the following workspaces: staging, production',
    ],
    [
      'a control character',
      { paths: [['a\u0000', '']] as [string, string][] },
      'a directory contains a control character',
    ],
  ])('for %s', (_, request, reason) => {
    expect(() => resolve(request)).toThrow(
      expect.objectContaining({ code: 'INVALID', message: `failed to build command: ${reason}` }),
    );
  });

  it('for too many distinct targets, while repeats do not count', () => {
    const paths = Array.from({ length: maxTargets }, (_, index): [string, string] => [`d${index}`, '']);
    expect(resolve({ paths: [...paths, ...paths], config: null })).toHaveLength(maxTargets);
    expect(() => resolve({ paths: [...paths, ['more', '']], config: null })).toThrow('at most 1000 projects');
  });
});

describe('every target', () => {
  const roots =
    (...directories: string[]) =>
    async () =>
      directories;

  it('is every project of atlantis.yaml, by execution order group; no directory is searched', async () => {
    const found = await resolveEveryTarget(config, () => Promise.reject(new Error('not needed')));
    expect(found.map(({ target }) => target.name || target.terraformWorkspace)).toEqual([
      'base',
      'vpc',
      'twin-a',
      'twin-b',
      'staging',
      'production',
      'app',
    ]);
  });

  it.each([
    ['no file', null],
    ['a file without projects', configOf()],
  ])('with %s is every root module', async (_, empty) => {
    expect(await resolveEveryTarget(empty, roots('.', 'a/b'))).toMatchObject([
      { target: { directory: '.', terraformWorkspace: 'default', name: '' }, executionOrderGroup: 0, problem: null },
      { target: { directory: 'a/b' } },
    ]);
    expect(await resolveEveryTarget(empty, roots())).toEqual([]);
  });

  it('is at most what a run may have', async () => {
    const many = Array.from({ length: maxTargets + 1 }, (_, index) => `d${index}`);
    await expect(resolveEveryTarget(null, roots(...many))).rejects.toMatchObject({
      code: 'INVALID',
      message: 'failed to build command: a run may have at most 1000 projects, this one asks for 1001',
    });
  });
});
