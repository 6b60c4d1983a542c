import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  computeInitFingerprint,
  type FingerprintOptions,
  initArgs,
  isInitialized,
  markInitialized,
  planArgs,
  planOutcome,
  prepareInit,
} from '../src/index.js';
import { createSandbox, type Sandbox } from './sandbox.js';

let sandbox: Sandbox;
let options: FingerprintOptions;
const main = 'module "m" { source = "./modules/m" }\n';
const module = (name: string) => join('modules', name, 'main.tf');

/** A root module that uses one local module, which uses another; initialized by real Terraform. */
beforeEach(async () => {
  sandbox = await createSandbox(() => main);
  await mkdir(join(sandbox.directory, 'modules/m'), { recursive: true });
  await mkdir(join(sandbox.directory, 'modules/n'));
  await mkdir(join(sandbox.directory, 'unused'));
  await sandbox.write(module('m'), 'module "n" { source = "../n" }\n');
  await sandbox.write(module('n'), 'resource "terraform_data" "a" {}\n');
  const { directory, dataDir, tool } = sandbox;
  options = { directory, root: directory, dataDir, tool };
  await initialize();
});
afterEach(() => sandbox.remove());

async function initialize(): Promise<void> {
  const { dataDir } = sandbox;
  await prepareInit({ dataDir });
  expect((await sandbox.run(initArgs())).exit.code).toBe(0);
  await markInitialized({ dataDir, fingerprint: await computeInitFingerprint(options) });
}
async function canSkipInit(overrides: Partial<FingerprintOptions> = {}): Promise<boolean> {
  const fingerprint = await computeInitFingerprint({ ...options, ...overrides });
  return isInitialized({ dataDir: sandbox.dataDir, fingerprint });
}

describe('init can be skipped', () => {
  test('while nothing has changed, and a plan then works', async () => {
    expect(await canSkipInit()).toBe(true);
    expect(planOutcome((await sandbox.run(planArgs({ out: sandbox.path('p') }))).exit)).toBe('changes');
  });

  test('when only what init does not read has changed', async () => {
    await sandbox.write('README.md', 'x');
    await sandbox.write('terraform.tfvars', 'a = 1\n');
    await sandbox.write('unused/main.tf', 'x');
    expect(await canSkipInit()).toBe(true);
  });

  test('in another checkout of the same files', async () => {
    const directory = sandbox.path('second');
    await cp(sandbox.directory, directory, { recursive: true });
    expect(await canSkipInit({ directory, root: directory })).toBe(true);
  });
});

describe('init cannot be skipped', () => {
  const changes: [string, () => Promise<void>][] = [
    ['the configuration', () => sandbox.write('main.tf', `${main}\n`)],
    ['a new file', () => sandbox.write('more.tf', '')],
    ['a new JSON file', () => sandbox.write('more.tf.json', '{}')],
    ['a removed file', () => rm(join(sandbox.directory, 'main.tf'))],
    ['a new lock file', () => sandbox.write('.terraform.lock.hcl', '')],
    ['a module', () => sandbox.write(module('m'), 'module "n" { source = "../n" }\n\n')],
    ['a module of a module', () => sandbox.write(module('n'), '')],
    ['a removed module', () => rm(join(sandbox.directory, 'modules/n'), { recursive: true })],
    ['the list of modules', () => writeFile(join(sandbox.dataDir, 'modules/modules.json'), '{}')],
    ['the selected workspace', () => writeFile(join(sandbox.dataDir, 'environment'), 'blue')],
    ['the whole data directory', () => rm(sandbox.dataDir, { recursive: true })],
    ['a file too large to look at', () => sandbox.write('large.tf', ' '.repeat(5 * 1024 * 1024))],
  ];
  test.each(changes)('after a change of %s', async (_name, change) => {
    await change();
    expect(await canSkipInit()).toBe(false);
  });

  test('with another version, distribution, backend file or further input', async () => {
    const { tool } = sandbox;
    const backend = sandbox.path('backend.hcl');
    await writeFile(backend, 'path = "a"\n');
    expect(await canSkipInit({ tool: { ...tool, version: '9.9.9' } })).toBe(false);
    expect(await canSkipInit({ tool: { ...tool, distribution: 'opentofu' } })).toBe(false);
    expect(await canSkipInit({ backendConfigFiles: [backend] })).toBe(false);
    expect(await canSkipInit({ backendConfigFiles: ['/does/not/exist'] })).toBe(false);
    expect(await canSkipInit({ inputs: ['-upgrade'] })).toBe(false);
  });

  test('with a module outside of the checkout', async () => {
    expect(await computeInitFingerprint({ ...options, root: join(sandbox.directory, 'modules/m') })).toBeUndefined();
  });

  test('with a module that is a link out of the checkout', async () => {
    await cp(join(sandbox.directory, 'modules/n'), sandbox.path('outside'), { recursive: true });
    await rm(join(sandbox.directory, 'modules/n'), { recursive: true });
    await symlink(sandbox.path('outside'), join(sandbox.directory, 'modules/n'));
    expect(await computeInitFingerprint(options)).toBeUndefined();
  });

  test('with a provider whose cache was emptied', async () => {
    const platform = join(sandbox.dataDir, 'providers/registry.example/acme/x/1.0.0');
    const cached = sandbox.path('cache');
    await mkdir(platform, { recursive: true });
    await mkdir(cached);
    await symlink(cached, join(platform, 'linux_amd64'));
    expect(await computeInitFingerprint(options)).toEqual(expect.any(String));
    expect(await canSkipInit()).toBe(false);
    await rm(cached, { recursive: true });
    expect(await computeInitFingerprint(options)).toBeUndefined();
  });

  test('while it is being initialized', async () => {
    await prepareInit({ dataDir: sandbox.dataDir });
    expect(await canSkipInit()).toBe(false);
  });

  test('for OpenTofu, after a change of variables, which its module sources may use', async () => {
    const tofu = { ...options, tool: { ...sandbox.tool, distribution: 'opentofu' as const } };
    const before = await computeInitFingerprint(tofu);
    await sandbox.write('a.auto.tfvars', 'a = 1\n');
    expect(await computeInitFingerprint(tofu)).not.toBe(before);
  });
});
