import { describe, expect, test } from '@jest/globals';
import {
  ArgumentError,
  applyArgs,
  initArgs,
  planArgs,
  showPlanArgs,
  statePullArgs,
  workspaceArgs,
} from './arguments.js';

const out = '/srv/plan.tfplan';

describe('argv', () => {
  test.each([
    ['init, defaults', initArgs(), ['init', '-input=false', '-no-color']],
    [
      'init, readonly lock file',
      initArgs({ dependencies: 'readonly' }),
      ['init', '-input=false', '-no-color', '-lockfile=readonly'],
    ],
    ['init, upgrade', initArgs({ dependencies: 'upgrade' }), ['init', '-input=false', '-no-color', '-upgrade']],
    [
      'init, every option',
      initArgs({ backend: 'reconfigure', backendConfig: ['prod.hcl', 'key=a b'], extraArgs: ['-compact-warnings'] }),
      [
        'init',
        '-input=false',
        '-no-color',
        '-reconfigure',
        '-backend-config=prod.hcl',
        '-backend-config=key=a b',
        '-compact-warnings',
      ],
    ],
    ['plan, defaults', planArgs({ out }), ['plan', '-input=false', '-no-color', '-detailed-exitcode', `-out=${out}`]],
    [
      'plan, every option',
      planArgs({
        out,
        lockTimeoutMs: 1500,
        refresh: 'skip',
        mode: 'destroy',
        varFiles: ['env/größe.tfvars', '/abs.tfvars'],
        extraArgs: ['-var', 'a=b'],
      }),
      [
        'plan',
        '-input=false',
        '-no-color',
        '-detailed-exitcode',
        `-out=${out}`,
        '-lock-timeout=1500ms',
        '-refresh=false',
        '-destroy',
        '-var-file=env/größe.tfvars',
        '-var-file=/abs.tfvars',
        '-var',
        'a=b',
      ],
    ],
    [
      'plan, refresh only',
      planArgs({ out, mode: 'refresh-only' }),
      ['plan', '-input=false', '-no-color', '-detailed-exitcode', `-out=${out}`, '-refresh-only'],
    ],
    ['show', showPlanArgs({ planFile: out }), ['show', '-json', '-no-color', out]],
    ['apply, defaults', applyArgs({ planFile: out }), ['apply', '-input=false', '-no-color', out]],
    [
      'apply, every option',
      applyArgs({ planFile: out, lockTimeoutMs: 0, extraArgs: ['-parallelism=2'] }),
      ['apply', '-input=false', '-no-color', '-lock-timeout=0ms', '-parallelism=2', out],
    ],
    ['state pull', statePullArgs(), ['state', 'pull']],
    ['workspace show', workspaceArgs.show(), ['workspace', 'show', '-no-color']],
    ['workspace select', workspaceArgs.select('blue'), ['workspace', 'select', '-no-color', 'blue']],
    ['workspace new', workspaceArgs.create('blue'), ['workspace', 'new', '-no-color', 'blue']],
  ])('%s', (_name, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});

describe('nothing that a caller sends becomes an option', () => {
  const hostile = ['-destroy', '--', '-lock=false', '--chdir=/', '-out=/etc/passwd', '; rm -rf /', '$(id)', ''];

  test.each(hostile)('a var file named %j stays one argument', (value) => {
    expect(planArgs({ out, varFiles: [value] }).slice(5)).toEqual([`-var-file=${value}`]);
  });

  test.each(hostile)('a backend config of %j stays one argument', (value) => {
    expect(initArgs({ backendConfig: [value] }).slice(3)).toEqual([`-backend-config=${value}`]);
  });

  test.each([...hostile, 'relative.tfplan', './x'])('a plan file named %j is refused', (value) => {
    expect(() => planArgs({ out: value })).toThrow(ArgumentError);
    expect(() => showPlanArgs({ planFile: value })).toThrow(ArgumentError);
    expect(() => applyArgs({ planFile: value })).toThrow(ArgumentError);
  });

  test.each([...hostile, '.', '..', 'a/b', 'a b', 'ü', 'a\n', 'x'.repeat(256)])(
    'a workspace named %j is refused',
    (name) => {
      expect(() => workspaceArgs.select(name)).toThrow(ArgumentError);
      expect(() => workspaceArgs.create(name)).toThrow(ArgumentError);
    },
  );

  test.each(['blue', 'team_a.prod-1', '~x', 'a=b@c'])('a workspace named %j is allowed', (name) => {
    expect(workspaceArgs.select(name).at(-1)).toBe(name);
  });

  test.each([
    '-lock=false',
    '--lock=0',
    '-lock',
    '-chdir=/',
    '-out=/x',
    '--out',
    '-input=true',
    '-plugin-dir=/x',
    '-json',
  ])('the extra argument %s is refused', (argument) => {
    expect(() => initArgs({ extraArgs: [argument] })).toThrow(ArgumentError);
    expect(() => planArgs({ out, extraArgs: [argument] })).toThrow(ArgumentError);
    expect(() => applyArgs({ planFile: out, extraArgs: [argument] })).toThrow(ArgumentError);
  });

  test('a NUL character is refused everywhere', () => {
    expect(() => planArgs({ out: '/a\0b' })).toThrow(ArgumentError);
    expect(() => planArgs({ out, varFiles: ['a\0'] })).toThrow(ArgumentError);
    expect(() => initArgs({ backendConfig: ['a\0'] })).toThrow(ArgumentError);
    expect(() => applyArgs({ planFile: out, extraArgs: ['-var=\0'] })).toThrow(ArgumentError);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a lock timeout of %p is refused', (lockTimeoutMs) => {
    expect(() => planArgs({ out, lockTimeoutMs })).toThrow(ArgumentError);
  });

  test('the state lock is never switched off', () => {
    const all = [...initArgs(), ...planArgs({ out }), ...applyArgs({ planFile: out })];
    expect(all.filter((argument) => /^-lock(=|$)/.test(argument))).toEqual([]);
  });
});
