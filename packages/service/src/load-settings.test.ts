import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { loadSettings, SettingsError, type SettingsSource } from './load-settings.js';
import { commaList, onOff, portNumber, secondsAsMs } from './setting-schemas.js';
import { defineSettings, type SettingDefinitions, type SettingsOf, setting } from './settings.js';

const definitions = defineSettings({
  port: setting({
    env: 'TERRAMESH_PORT',
    atlantis: 'ATLANTIS_PORT',
    schema: portNumber,
    default: 4141,
    description: 'Port of the API.',
  }),
  allowlist: setting({
    env: 'TERRAMESH_REPO_ALLOWLIST',
    atlantis: 'ATLANTIS_REPO_ALLOWLIST',
    schema: commaList,
    description: 'Repositories that may be used.',
  }),
  apiSecret: setting({
    env: 'TERRAMESH_API_SECRET',
    atlantis: 'ATLANTIS_API_SECRET',
    schema: z.string().min(8).optional(),
    description: 'Token of the API.',
    secret: true,
  }),
  drift: setting({ env: 'TERRAMESH_DRIFT', schema: onOff, default: false, description: 'Whether to look for drift.' }),
  waitMs: setting({ env: 'TERRAMESH_WAIT', schema: secondsAsMs, default: 5, description: 'Seconds to wait.' }),
});

const directory = mkdtempSync(join(tmpdir(), 'terramesh-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function problems<D extends SettingDefinitions>(of: D, source: SettingsSource): readonly string[] {
  try {
    return [`loaded: ${JSON.stringify(loadSettings(of, source))}`];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const required = { TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*' };

test('defaults fill what is not set, and an empty variable is not set', () => {
  const settings = loadSettings(definitions, { env: { ...required, TERRAMESH_PORT: '' } });
  expect(settings).toEqual({
    port: 4141,
    allowlist: ['github.com/acme/*'],
    apiSecret: undefined,
    drift: false,
    waitMs: 5_000,
  });
});

test('the types of settings are those of their schemas', () => {
  const settings: SettingsOf<typeof definitions> = loadSettings(definitions, { env: required });
  const port: number = settings.port;
  const secret: string | undefined = settings.apiSecret;
  // @ts-expect-error: the allowlist is a list
  const allowlist: string = settings.allowlist;
  expect([port, secret, allowlist]).toBeDefined();
});

test("Atlantis' names are read", () => {
  const env = { ATLANTIS_PORT: '80', ATLANTIS_REPO_ALLOWLIST: 'a/*, b/*,' };
  expect(loadSettings(definitions, { env })).toMatchObject({ port: 80, allowlist: ['a/*', 'b/*'] });
});

test('two names of one setting must agree', () => {
  const env = { ...required, TERRAMESH_PORT: '80', ATLANTIS_PORT: '80' };
  expect(loadSettings(definitions, { env }).port).toBe(80);
  expect(problems(definitions, { env: { ...env, ATLANTIS_PORT: '81' } })).toEqual([
    'TERRAMESH_PORT and ATLANTIS_PORT are both set, to different values: set one of them',
  ]);
});

test('every problem is told at once, with the name of the variable', () => {
  const env = {
    TERRAMESH_REPO_ALLOWLIST: '',
    TERRAMESH_PORT: 'eighty',
    TERRAMESH_DRIFT: 'maybe',
    ATLANTIS_API_SECRET: 'short',
  };
  expect(problems(definitions, { env })).toEqual([
    expect.stringMatching(/^TERRAMESH_PORT: .*number.* \(it is "eighty"\)$/),
    'TERRAMESH_REPO_ALLOWLIST is required: Repositories that may be used.',
    expect.stringMatching(/^ATLANTIS_API_SECRET: /),
    expect.stringMatching(/^TERRAMESH_DRIFT: .*\(it is "maybe"\)$/),
  ]);
});

test('the message lists the problems', () => {
  expect(() => loadSettings(definitions, { env: {} })).toThrow(
    'The configuration has a problem:\n  - TERRAMESH_REPO_ALLOWLIST is required: Repositories that may be used.',
  );
});

test('a required setting that was misspelt is recognized', () => {
  expect(problems(definitions, { env: { TERRAMESH_REPO_ALOWLIST: 'a/*' } })).toEqual([
    'TERRAMESH_REPO_ALLOWLIST is required (TERRAMESH_REPO_ALOWLIST is set: is it a slip?): Repositories that may be used.',
  ]);
});

describe('secrets', () => {
  test('no problem shows the value of a secret, not even when the schema repeats it', () => {
    const schema = z.string().refine(() => false, { error: ({ input }) => `bad: ${String(input)}` });
    const leaky = defineSettings({
      secret: setting({ env: 'TERRAMESH_SECRET', schema, description: 'x', secret: true }),
    });
    expect(problems(leaky, { env: { TERRAMESH_SECRET: 'hunter22' } })).toEqual(['TERRAMESH_SECRET: bad: ***']);
  });

  test('a secret comes from a file too, without its last line break', () => {
    const env = { ...required, TERRAMESH_API_SECRET_FILE: file('secret', 'hunter22\n') };
    expect(loadSettings(definitions, { env }).apiSecret).toBe('hunter22');
  });

  test('a secret file that is missing, empty or contradicted is a problem', () => {
    const missing = join(directory, 'nowhere');
    const at = (path: string, more = {}) =>
      problems(definitions, { env: { ...required, ...more, TERRAMESH_API_SECRET_FILE: path } });
    expect(at(missing)).toEqual([`TERRAMESH_API_SECRET_FILE: ${missing} cannot be read: ENOENT`]);
    expect(at(file('empty', '\n'))).toEqual([`TERRAMESH_API_SECRET_FILE: ${join(directory, 'empty')} is empty`]);
    expect(at(file('other', 'hunter22'), { TERRAMESH_API_SECRET: 'hunter23' })).toEqual([
      'TERRAMESH_API_SECRET and TERRAMESH_API_SECRET_FILE are both set, to different values: set one of them',
    ]);
  });

  test('only secrets are read from files', () => {
    const env = { ...required, TERRAMESH_PORT_FILE: file('port', '80') };
    expect(loadSettings(definitions, { env }).port).toBe(4141);
  });
});

describe('the config file', () => {
  const yaml = file(
    'config.yaml',
    'port: 80\nrepo-allowlist: [a/*, b/*]\ndrift: true\nwait: 0.5\napi-secret: 123456789\n',
  );
  const json = file(
    'config.json',
    '{"port": 80, "repo-allowlist": "a/*,b/*", "drift": "on", "wait": 0.5, "api-secret": "123456789"}',
  );

  test.each([yaml, json])('YAML and JSON say the same', (path) => {
    expect(loadSettings(definitions, { env: {}, file: path })).toEqual({
      port: 80,
      allowlist: ['a/*', 'b/*'],
      apiSecret: '123456789',
      drift: true,
      waitMs: 500,
    });
  });

  test('it is named by TERRAMESH_CONFIG, and the environment wins over it', () => {
    const env = { TERRAMESH_CONFIG: yaml, ATLANTIS_PORT: '81' };
    expect(loadSettings(definitions, { env })).toMatchObject({ port: 81, drift: true });
  });

  test('its problems name the key', () => {
    const path = file('bad.yaml', 'port: -1\nrepo-allowlist: a\n');
    expect(problems(definitions, { env: {}, file: path })).toEqual([
      expect.stringMatching(/^port \(in the config file\): .*\(it is "-1"\)$/),
    ]);
  });

  test.each([
    ['broken', file('broken.yaml', 'port: 80\napi-secret: "hunter22'), 'is not valid YAML: missing char in line 2'],
    ['ambiguous', file('twice.yaml', 'port: 80\nport: 81'), 'is not valid YAML: duplicate key in line 2'],
    ['a list', file('list.yaml', '- port'), 'must be a map from setting keys to values'],
  ])('a file that is %s is a problem, and none of its text is shown', (_name, path, problem) => {
    expect(problems(definitions, { env: required, file: path })).toEqual([`the config file ${path} ${problem}`]);
  });

  test('a file that is missing is a problem', () => {
    const path = join(directory, 'missing.yaml');
    expect(problems(definitions, { env: required, file: path })).toEqual([`${path} cannot be read: ENOENT`]);
  });

  test('an empty file sets nothing', () => {
    expect(loadSettings(definitions, { env: required, file: file('nothing.yaml', '') }).port).toBe(4141);
  });
});

describe('unknown settings', () => {
  const database = setting({
    env: 'DATABASE_URL',
    atlantis: 'TERRAMESH_DATABASE_URL',
    schema: z.string().optional(),
    description: 'x',
    secret: true,
  });
  const known = { ...definitions, database };

  test('are problems when all settings are known, with what was meant', () => {
    const env = { ...required, TERRAMESH_PROT: '80', TERRAMESH_ZZZ: 'x', TERRAMESH_API_SECERT_FILE: 'x' };
    const path = file('unknown.yaml', 'prot: 80\n');
    expect(problems(definitions, { env, file: path, known })).toEqual([
      'TERRAMESH_PROT is not a setting; did you mean TERRAMESH_PORT?',
      'TERRAMESH_ZZZ is not a setting',
      'TERRAMESH_API_SECERT_FILE is not a setting; did you mean TERRAMESH_API_SECRET_FILE?',
      'prot (in the config file) is not a setting',
    ]);
  });

  test('other programs, aliases and settings of other services are none of our business', () => {
    const env = {
      ...required,
      PATH: '/bin',
      ATLANTIS_GH_TOKEN: 'x',
      TERRAMESH_DATABASE_URL: 'x',
      DATABASE_URL_FILE: 'x',
    };
    expect(loadSettings(definitions, { env, known }).port).toBe(4141);
    expect(loadSettings(definitions, { env: { ...required, TERRAMESH_ZZZ: 'x' } }).port).toBe(4141);
  });

  test('a prefix where there is none is recognized', () => {
    const env = { ...required, TERRAMESH_DATABASE_URL_FILE: 'x' };
    expect(problems(definitions, { env, known })).toEqual([
      'TERRAMESH_DATABASE_URL_FILE is not a setting; did you mean DATABASE_URL_FILE?',
    ]);
  });
});
