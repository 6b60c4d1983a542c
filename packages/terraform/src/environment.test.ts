import { describe, expect, test } from '@jest/globals';
import { ArgumentError } from './arguments.js';
import { terraformEnvironment, workspaceEnvironment } from './environment.js';

const base = { parent: {}, home: '/home/tf', dataDir: '/data/dir' };
const owned = {
  HOME: '/home/tf',
  TF_DATA_DIR: '/data/dir',
  TF_IN_AUTOMATION: '1',
  TF_INPUT: '0',
  CHECKPOINT_DISABLE: '1',
};

describe('terraformEnvironment', () => {
  test('passes on the basics and sets what it owns', () => {
    const parent = {
      PATH: '/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      LC_ALL: 'C',
      TZ: 'UTC',
      https_proxy: 'http://p',
      NO_PROXY: 'x',
    };
    expect(terraformEnvironment({ ...base, parent })).toEqual({ ...parent, ...owned });
  });

  test('has a PATH even where the parent has none', () => {
    expect(terraformEnvironment(base)).toEqual({ PATH: '/usr/local/bin:/usr/bin:/bin', ...owned });
  });

  test('passes on what the caller allows, by name and by prefix, and nothing else', () => {
    const parent = {
      PATH: '/bin',
      AWS_PROFILE: 'a',
      AWSX: 'b',
      TF_VAR_name: 'c',
      TF_TOKEN_example_com: 'd',
      GITHUB_TOKEN: 'e',
      VAULT_ADDR: 'f',
      VAULT_TOKEN: 'g',
      UNDEFINED: undefined,
    };
    expect(terraformEnvironment({ ...base, parent, allow: ['AWS_', 'TF_VAR_*', 'TF_TOKEN_', 'VAULT_ADDR'] })).toEqual({
      PATH: '/bin',
      AWS_PROFILE: 'a',
      TF_VAR_name: 'c',
      TF_TOKEN_example_com: 'd',
      VAULT_ADDR: 'f',
      ...owned,
    });
  });

  test.each([
    'TERRAMESH_API_SECRET',
    'ATLANTIS_GH_TOKEN',
    'DATABASE_URL',
    'MESH_URL',
    'NODE_OPTIONS',
    'TF_CLI_ARGS',
    'TF_CLI_ARGS_plan',
    'TF_WORKSPACE',
    'TF_CLI_CONFIG_FILE',
  ])('never passes on %s, even when everything is allowed', (name) => {
    expect(terraformEnvironment({ ...base, parent: { PATH: '/bin', [name]: 'x' }, allow: ['*', name] })).toEqual({
      PATH: '/bin',
      ...owned,
    });
  });

  test.each([
    'TF_DATA_DIR',
    'HOME',
    'TF_INPUT',
    'TF_WORKSPACE',
    'TF_CLI_ARGS_plan',
    'NODE_OPTIONS',
    'DATABASE_URL',
    '',
    'A=B',
  ])('refuses a target that sets %j', (name) => {
    expect(() => terraformEnvironment({ ...base, variables: { [name]: 'x' } })).toThrow(ArgumentError);
  });

  test("a target's variables win over the parent's", () => {
    const environment = terraformEnvironment({
      ...base,
      parent: { TZ: 'UTC' },
      variables: { TZ: 'CET', TF_VAR_a: '1' },
    });
    expect(environment).toMatchObject({ TZ: 'CET', TF_VAR_a: '1' });
  });

  test('passes on a CLI configuration that exists, and not one that does not', () => {
    expect(terraformEnvironment({ ...base, cliConfigFile: process.execPath })).toMatchObject({
      TF_CLI_CONFIG_FILE: process.execPath,
    });
    expect(terraformEnvironment({ ...base, cliConfigFile: '/does/not/exist' })).not.toHaveProperty(
      'TF_CLI_CONFIG_FILE',
    );
  });

  test('refuses relative paths', () => {
    expect(() => terraformEnvironment({ ...base, home: 'home' })).toThrow(ArgumentError);
    expect(() => terraformEnvironment({ ...base, pluginCacheDir: 'cache' })).toThrow(ArgumentError);
  });
});

describe('workspaceEnvironment', () => {
  test('selects a workspace by TF_WORKSPACE, and the default one by nothing', () => {
    expect(workspaceEnvironment('blue')).toEqual({ TF_WORKSPACE: 'blue' });
    expect(workspaceEnvironment('default')).toEqual({});
    expect(terraformEnvironment({ ...base, workspace: 'blue' })).toHaveProperty('TF_WORKSPACE', 'blue');
  });

  test.each(['..', '-x', 'a/b', ''])('refuses %j, which the local backend would follow', (name) => {
    expect(() => workspaceEnvironment(name)).toThrow(ArgumentError);
  });
});
