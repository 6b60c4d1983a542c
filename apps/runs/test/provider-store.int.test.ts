// Providers of targets without a lock file: unpacked by each for itself, kept once, never written to again.
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { forgetProviders, shareProviders } from '../src/execution/provider-store.js';

let folder: string;
let store: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-providers-'));
  store = join(folder, 'store');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const name = 'registry.terraform.io/acme/x/1.0.0/linux_amd64';
const dataDir = (target: string) => join(folder, target);
const installed = (target: string) => join(dataDir(target), 'providers', name);

/** What init leaves in a data directory. */
async function init(target: string, content = 'binary'): Promise<void> {
  await mkdir(join(installed(target), 'docs'), { recursive: true });
  await writeFile(join(installed(target), 'docs', 'LICENSE'), 'free');
  await writeFile(join(installed(target), 'provider_v1'), content);
  await chmod(join(installed(target), 'provider_v1'), 0o755);
}
const share = (target: string) => shareProviders({ dataDir: dataDir(target), store });
const keptCopies = async () => readdir(join(store, name));

test('the same provider of many targets is kept once, whoever comes first, and still runs', async () => {
  const targets = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const target of targets) await init(target);
  await Promise.all(targets.map(share));
  expect(await keptCopies()).toHaveLength(1);
  for (const target of targets) {
    expect((await lstat(installed(target))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(installed(target), 'provider_v1'), 'utf8')).toBe('binary');
    expect((await lstat(join(installed(target), 'provider_v1'))).mode & 0o111).toBe(0o111);
  }
});

test('the next init of a target writes nothing into what others use', async () => {
  for (const target of ['a', 'b']) {
    await init(target);
    await share(target);
  }
  await forgetProviders(dataDir('a'));
  await init('a', 'another build');
  await share('a');
  expect(await readFile(join(installed('b'), 'provider_v1'), 'utf8')).toBe('binary');
  expect(await readFile(join(installed('a'), 'provider_v1'), 'utf8')).toBe('another build');
  expect(await keptCopies()).toHaveLength(2);
});

test('what a mirror serves by a link stays a link to the mirror', async () => {
  const mirror = join(folder, 'mirror');
  await mkdir(mirror);
  await mkdir(join(installed('a'), '..'), { recursive: true });
  await symlink(mirror, installed('a'));
  await share('a');
  expect(await readlink(installed('a'))).toBe(mirror);
  await forgetProviders(dataDir('a'));
  expect(await readdir(mirror)).toEqual([]);
});

test('a target without providers has nothing to share', async () => {
  await mkdir(dataDir('a'));
  await expect(share('a')).resolves.toBeUndefined();
  await expect(forgetProviders(dataDir('a'))).resolves.toBeUndefined();
});
