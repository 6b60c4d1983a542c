// Providers that targets install are shared by them all, and nothing rewrites one under a plan that uses it, whatever the
// lock files say: none, one made here, one made on another operating system.
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type PackedWorldProvider, packWorldProvider } from '@terramesh/testing';
import type { Repository } from './src/git-host.js';
import { expectNothingLeft } from './src/nothing-left.js';
import { type RunResult, request, startWorld, type World } from './src/world.js';

let folder: string;
let provider: PackedWorldProvider;
let world: World;
let infra: Repository;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-providers-'));
  provider = await packWorldProvider(folder);
  const settings = { TERRAMESH_CONCURRENCY: '4', TERRAMESH_TERRAFORM_CONFIG_FILE: provider.cliConfigFile };
  world = await startWorld({ mesh: 'inproc', settings });
  infra = await world.host.create('acme/infra', filesOf('0'));
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => expectNothingLeft(world));

const foreign = [`h1:${'A'.repeat(43)}=`, `zh:${'a'.repeat(64)}`];
const without = ['without-1', 'without-2'];
const elsewhere = ['elsewhere-1', 'elsewhere-2'];
const here = ['here-1', 'here-2'];
const targets = [...without, ...elsewhere, ...here];

/** `round` makes every target initialize anew. */
function filesOf(round: string, changed = targets): Record<string, string> {
  const files: Record<string, string> = {};
  for (const target of changed) {
    const path = join(folder, target);
    files[`${target}/main.tf`] =
      `# ${round}\n${provider.requiredProviders}resource "world_file" "a" {\n  path = "${path}"\n  content = "x"\n}\n`;
  }
  for (const target of elsewhere) files[`${target}/.terraform.lock.hcl`] = lockFile([...foreign, provider.zipHash]);
  for (const target of here) files[`${target}/.terraform.lock.hcl`] = lockFile([provider.packageHash, ...foreign]);
  return files;
}

function lockFile(hashes: readonly string[]): string {
  const lines = hashes.map((hash) => `    ${JSON.stringify(hash)},\n`).join('');
  return `provider "${provider.address}" {\n  version = "${provider.version}"\n  hashes = [\n${lines}  ]\n}\n`;
}

/** Every copy of the provider: where, which file and as of when. */
async function copies(): Promise<string[]> {
  const root = join(world.dataDirs[0] ?? '', 'runs');
  const kept = (await readdir(root, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !['checkouts', 'executions'].includes(entry.name))
    .map(({ name }) => readdir(join(root, name), { withFileTypes: true, recursive: true }));
  const entries = await Promise.all(kept);
  const files = entries.flat().filter((entry) => entry.isFile() && entry.name.startsWith('terraform-provider-world'));
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const { ino, ctimeNs } = await lstat(join(parentPath, name), { bigint: true });
      return `${join(parentPath, name)} ${ino} ${ctimeNs}`;
    }),
  );
}

async function plan(paths: readonly string[]): Promise<void> {
  const answer = await world.plan(request(paths));
  expect(answer.status).toBe(200);
  const { ProjectResults } = JSON.parse(answer.text) as RunResult;
  expect(ProjectResults.filter((result) => result.PlanSuccess === null)).toEqual([]);
  expect(ProjectResults).toHaveLength(paths.length);
}

/** How often Terraform was initialized for a plan of these targets. */
async function initsOf(paths: readonly string[]): Promise<number> {
  await world.tools.forget();
  await plan(paths);
  return (await world.tools.calls()).filter(({ tool, args }) => tool === 'terraform' && args[0] === 'init').length;
}

test('a provider is kept once and never written to again, whatever the lock file of a target says', async () => {
  expect(await initsOf(['here-1'])).toBe(1);
  const kept = await copies();
  expect(kept).toHaveLength(1);
  for (const target of [...without, ...elsewhere, 'here-2']) {
    expect(await initsOf([target])).toBe(1);
    expect(await copies()).toEqual(kept);
  }
});

test('the next plan of a target neither initializes nor installs, though its lock file was made elsewhere', async () => {
  await plan(targets);
  const kept = await copies();
  expect(await initsOf(targets)).toBe(0);
  expect(await copies()).toEqual(kept);
});

test('what one plan initialized, its apply uses, though the lock file was made elsewhere', async () => {
  await infra.commit(filesOf('apply'));
  await world.tools.forget();
  const answer = await world.apply(request(targets));
  expect((JSON.parse(answer.text) as RunResult).ProjectResults.filter(({ ApplySuccess }) => ApplySuccess)).toHaveLength(
    targets.length,
  );
  const inits = (await world.tools.calls()).filter(({ tool, args }) => tool === 'terraform' && args[0] === 'init');
  expect(inits).toHaveLength(targets.length);
});

test('plans succeed while other targets initialize', async () => {
  for (let round = 1; round <= 3; round += 1) {
    await infra.commit(filesOf(`round ${round}`, [...without, ...elsewhere, 'here-2']));
    await Promise.all([
      plan([...without, ...elsewhere, 'here-2']),
      ...Array.from({ length: 3 }, () => plan(['here-1'])),
    ]);
  }
  expect(await copies()).toHaveLength(1);
});
