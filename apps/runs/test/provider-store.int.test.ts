// The provider store under the real Terraform.
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { installWorldProvider, type PackedWorldProvider, packWorldProvider } from '@terramesh/testing';
import { settlePackage } from '../src/execution/package-hash.js';
import { ProviderStore } from '../src/execution/provider-store.js';

const foreign = [`h1:${'A'.repeat(43)}=`, `zh:${'a'.repeat(64)}`];
let folder: string;
let provider: PackedWorldProvider;
let store: ProviderStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-providers-'));
  provider = await packWorldProvider(join(folder, 'registry'));
  store = new ProviderStore(join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lockFile = (...hashes: string[]) =>
  `provider "${provider.address}" {\n  version = "${provider.version}"\n  hashes = [\n${hashes
    .map((hash) => `    "${hash}",\n`)
    .join('')}  ]\n}\n`;
const dataDir = (target: string) => join(folder, target, '.terraform');

/** Terraform's output. */
async function init(target: string, lock?: string, cliConfigFile = provider.cliConfigFile): Promise<string> {
  const directory = join(folder, target);
  await mkdir(dataDir(target), { recursive: true });
  await writeFile(join(directory, 'main.tf'), provider.requiredProviders);
  if (lock !== undefined) await writeFile(join(directory, '.terraform.lock.hcl'), lock);
  let output = '';
  await store.install({
    dataDir: dataDir(target),
    lockFile: lock,
    init: async (TF_PLUGIN_CACHE_DIR) => {
      const env = { PATH: process.env.PATH, TF_CLI_CONFIG_FILE: cliConfigFile, TF_PLUGIN_CACHE_DIR };
      output = (await promisify(execFile)('terraform', ['init', '-no-color'], { cwd: directory, env })).stdout;
    },
  });
  return output;
}

/** `platform/hash` of everything kept. */
async function kept(): Promise<string[]> {
  const versions = join(folder, 'store', provider.address, provider.version);
  const platforms = await readdir(versions);
  return (
    await Promise.all(
      platforms.map(async (name) => (await readdir(join(versions, name))).map((hash) => join(versions, name, hash))),
    )
  ).flat();
}
async function linkOf(target: string): Promise<string> {
  const versions = join(dataDir(target), 'providers', provider.address, provider.version);
  const [platform = ''] = await readdir(versions);
  return readlink(join(versions, platform));
}
const executable = () => `terraform-provider-world_v${provider.version}`;

test('every target has the one copy, by the hash that Terraform itself gives it', async () => {
  const targets = ['a', 'b', 'c', 'd'];
  await Promise.all(targets.map((target) => init(target)));
  const [only, ...others] = await kept();
  expect(others).toEqual([]);
  expect(only?.endsWith(Buffer.from(provider.packageHash.slice(3), 'base64').toString('hex'))).toBe(true);
  for (const target of targets) {
    expect(await linkOf(target)).toBe(only);
    expect(await readFile(join(folder, target, '.terraform.lock.hcl'), 'utf8')).toContain(provider.packageHash);
    expect(await readdir(dataDir(target))).toEqual(['providers']);
  }
});

test('nothing that is kept is written to again, whatever the lock file says', async () => {
  await init('first');
  const [only = ''] = await kept();
  const before = await stat(join(only, executable()), { bigint: true });
  const zipOnly = [foreign[1] ?? '', provider.zipHash];
  const locks = [
    undefined,
    lockFile(...foreign, provider.zipHash),
    lockFile(...zipOnly),
    lockFile(provider.packageHash),
  ];
  for (const [index, lock] of locks.entries()) {
    for (const _again of ['first', 'second']) await init(`target-${index}`, lock);
    expect(await linkOf(`target-${index}`)).toBe(only);
  }
  expect(await kept()).toEqual([only]);
  const after = await stat(join(only, executable()), { bigint: true });
  expect([after.ino, after.ctimeNs]).toEqual([before.ino, before.ctimeNs]);
});

test('what a lock file accepts is not installed again', async () => {
  expect(await init('a', lockFile(provider.packageHash, ...foreign))).toContain('Installed terramesh/world');
  expect(await init('b', lockFile(provider.packageHash, ...foreign))).toContain('Using previously-installed');
});

test('a lock file that accepts nothing fails, and leaves what others use', async () => {
  await init('a');
  const before = await kept();
  await expect(init('b', lockFile(...foreign))).rejects.toThrow("doesn't match any of the");
  expect(await kept()).toEqual(before);
  expect(await readdir(dataDir('b'))).toEqual([]);
});

test('a cache that the CLI configuration names is not used: others would write to it', async () => {
  const cache = join(folder, 'cache');
  await mkdir(cache);
  const configuration = `plugin_cache_dir = "${cache}"\n${await readFile(provider.cliConfigFile, 'utf8')}`;
  await writeFile(join(folder, 'cached.rc'), configuration);
  await init('a', undefined, join(folder, 'cached.rc'));
  expect(await readdir(cache)).toEqual([]);
  expect(await kept()).toEqual([await linkOf('a')]);
});

test('what a mirror has unpacked is linked to, and neither copied nor touched', async () => {
  const { cliConfigFile } = await installWorldProvider(join(folder, 'registry'));
  for (const _again of ['first', 'second']) await init('a', undefined, cliConfigFile);
  const link = await linkOf('a');
  expect(link.startsWith(join(folder, 'registry', 'mirror'))).toBe(true);
  expect((await lstat(join(link, executable()))).isFile()).toBe(true);
  expect(await readdir(join(folder, 'store')).catch(() => [])).toEqual([]);
});

test('packages of one hash have one mode: whoever comes first, all can run it', async () => {
  for (const [name, mode] of [
    ['a', 0o600],
    ['b', 0o755],
  ] as const) {
    await mkdir(join(folder, name, 'docs'), { recursive: true });
    await writeFile(join(folder, name, 'docs', 'LICENSE'), 'free');
    await writeFile(join(folder, name, 'provider'), 'binary');
    await chmod(join(folder, name, 'provider'), mode);
  }
  expect(await settlePackage(join(folder, 'a'))).toBe(await settlePackage(join(folder, 'b')));
  expect((await stat(join(folder, 'a', 'provider'))).mode & 0o777).toBe(0o755);
});
