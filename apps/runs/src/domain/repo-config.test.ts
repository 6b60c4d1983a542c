import { describe, expect, it } from '@jest/globals';
import { isAppError } from '@terramesh/contracts';
import { parseRepoConfig, RepoConfigError } from './repo-config.js';

function messageOf(text: string): string {
  try {
    parseRepoConfig(text);
  } catch (error) {
    expect(error).toBeInstanceOf(RepoConfigError);
    expect(isAppError(error) && error.code).toBe('INVALID');
    return (error as RepoConfigError).message;
  }
  throw new Error('it was accepted');
}

function projectWith(line: string): string {
  return `version: 3\nprojects:\n- dir: a\n  ${line}\n`;
}

describe('parseRepoConfig', () => {
  it('reads projects and fills in what is left out', () => {
    const text = [
      'version: 3',
      'projects:',
      '- name: vpc',
      '  dir: ./network//vpc/',
      '- name: app/blue',
      '  dir: app',
      '  workspace: 001',
      '  execution_order_group: -2',
      '  depends_on: [vpc, vpc]',
      '- dir: /',
      '  name:',
      '  workspace: ""',
    ].join('\n');
    const defaults = { name: '', terraformWorkspace: 'default', executionOrderGroup: 0, dependsOn: [] };
    expect(parseRepoConfig(text)).toEqual({
      version: 3,
      projects: [
        { ...defaults, name: 'vpc', directory: 'network/vpc' },
        { name: 'app/blue', directory: 'app', terraformWorkspace: '001', executionOrderGroup: -2, dependsOn: ['vpc'] },
        { ...defaults, directory: '.' },
      ],
    });
  });

  it.each(['version: 2', 'version: 2\nprojects:', 'version: 2\nprojects: []\n', '\uFEFFversion: 2'])(
    'accepts a file without projects: %j',
    (text) => {
      expect(parseRepoConfig(text)).toEqual({ version: 2, projects: [] });
    },
  );

  it.each([
    ['', 'line 1, column 1: version is required: 2 or 3'],
    ['# nothing', 'version is required'],
    ['projects: []', 'version is required'],
    ['version: 1', 'line 1, column 10: version 1 is not supported, only 2 and 3 are'],
    ['version: "3"', 'line 1, column 10: version must be a whole number'],
    ['- version: 3', 'line 1, column 1: the file must be a mapping'],
    ['version: 3\nversion: 3', 'line 2, column 1: key "version" is repeated'],
    ['version: 3\nprojekts: []', 'line 2, column 1: unknown key "projekts"'],
    ['version: 3\nautomerge: true', 'line 2, column 1: automerge is not supported yet'],
    ['version: 3\nprojects: a', 'line 2, column 11: projects must be a list'],
    ['version: 3\nprojects: [a]', 'line 2, column 12: a project must be a mapping'],
    ['version: 3\nprojects:\n- name: a', 'line 3, column 3: dir is required'],
    ['version: 3\n---\nversion: 3', 'line 2, column 1: Source contains multiple documents'],
    ['version: 3\nprojects: [', 'line 2, column '],
    ['version: 3\n\tprojects: []', 'line 2, column '],
    [projectWith('worksapce: b'), 'line 4, column 3: unknown key "worksapce"'],
    [projectWith('workflow: b'), 'line 4, column 3: workflow is not supported yet'],
    [projectWith('name: a b'), 'line 4, column 9: name "a b" must contain only URL safe characters'],
    [projectWith('name: [a]'), 'line 4, column 9: name must be a string'],
    [projectWith('workspace: ../b'), 'line 4, column 14: workspace "../b" is not allowed'],
    [projectWith('execution_order_group: 1.5'), 'execution_order_group must be a whole number'],
    [projectWith('execution_order_group: 3000000000'), 'execution_order_group is out of range'],
    [projectWith('depends_on: b'), 'depends_on must be a list'],
    [projectWith('depends_on: [b]'), 'line 3, column 3: depends_on names "b", which is not a project of this file'],
    ['version: 3\nprojects: [{dir: a/../b}]', `dir "a/../b" cannot contain '..'`],
    ['version: 3\nprojects: [{dir: /etc}]', 'dir "/etc" must be relative'],
    ['version: 3\nprojects: [{dir: "env/*"}]', 'a pattern in dir ("env/*") is not supported yet'],
    ['version: 3\nprojects: [{dir: "a\\0"}]', 'dir contains a control character'],
    ['version: 3\nprojects: [{dir: a}, {dir: ./a, name: n}]', 'that are not all named'],
    ['version: 3\nprojects: [{dir: a, name: n}, {dir: b, name: n}]', 'two or more projects with name "n"'],
    ['version: 3\nprojects: [{dir: a, name: n, depends_on: [n]}]', 'depends_on goes in a circle: n → n'],
    ['version: &v 3\nprojects: *v', 'line 2, column 11: projects: YAML aliases are not supported'],
  ])('refuses %j', (text, message) => {
    expect(messageOf(text)).toMatch(/^parsing atlantis\.yaml: line \d/);
    expect(messageOf(text)).toContain(message);
  });

  it('reports several problems at once, with their places', () => {
    const text = 'version: 9\nworkflows: {}\nprojects:\n- dir: ..\n- dir: a\n  nmae: b\n';
    expect(messageOf(text).split('; ')).toHaveLength(4);
  });

  it('finds a circle behind a long chain', () => {
    const chain = Array.from(
      { length: 1000 },
      (_, at) => `- {dir: d${at}, name: p${at}, depends_on: [p${at === 999 ? 990 : at + 1}]}`,
    );
    expect(messageOf(`version: 3\nprojects:\n${chain.join('\n')}`)).toContain('p990 → p991');
  });

  it('refuses more than 1000 projects', () => {
    const projects = Array.from({ length: 1001 }, (_, at) => `- dir: d${at}`).join('\n');
    expect(messageOf(`version: 3\nprojects:\n${projects}`)).toContain('more than 1000 projects');
  });

  it.each([
    [
      'aliases that multiply',
      `a: &a [x, x]\n${'bcdefghij'.replaceAll(/./g, (c) => `${c}: &${c} [*${String.fromCharCode(c.charCodeAt(0) - 1)}, *${String.fromCharCode(c.charCodeAt(0) - 1)}]\n`)}version: 3\nprojects: *j`,
    ],
    ['more than 1 MiB', `version: 3\n#${'x'.repeat(1024 * 1024)}`],
    ['deep brackets', '['.repeat(1024 * 1024 - 10)],
    ['deep dashes', '- '.repeat(512 * 1024 - 10)],
    ['very many keys', Array.from({ length: 100_000 }, (_, at) => `k${at}:`).join('\n')],
    ['one huge key', `${'k'.repeat(1_000_000)}: 1`],
  ])('survives %s with a short message', (_, text) => {
    expect(messageOf(text).length).toBeLessThan(20_000);
  });
});
