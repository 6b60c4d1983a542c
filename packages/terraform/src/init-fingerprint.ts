// May a kept data directory (`.terraform`) still be used, so that `init` can be skipped? Only while nothing that `init`
// reads has changed. Where that cannot be told, the answer is no.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { ifExists, isFileError } from './file-error.js';
import type { Tool } from './tool.js';

export interface FingerprintOptions {
  /** The root module; absolute. */
  readonly directory: string;
  /** The checkout. Local modules must be in it. */
  readonly root: string;
  /** TF_DATA_DIR of this root module. */
  readonly dataDir: string;
  readonly tool: Tool;
  /** Absolute paths. */
  readonly backendConfigFiles?: readonly string[];
  /** Whatever else decides what `init` does: extra arguments, the CLI configuration. */
  readonly inputs?: readonly string[];
}

const configurationFile = /\.(tf|tofu)(\.json)?$/;
/** OpenTofu evaluates variables in backend and module blocks. */
const variablesFile = /(^terraform\.tfvars|\.auto\.tfvars)(\.json)?$/;
const lockFile = '.terraform.lock.hcl';
const marker = 'terramesh-initialized';
const maxFiles = 5_000;
const maxFileBytes = 4 * 1024 * 1024;
const ModulesManifest = z.object({ Modules: z.array(z.object({ Key: z.string(), Dir: z.string() })) });

class Uncertain extends Error {}

/**
 * A hash that changes whenever the kept data directory might be stale: configuration, lock file, local modules, what is
 * installed, CLI, backend files. Undefined when that cannot be told (a module outside the checkout, something missing or
 * too large): initialize. Call it again after `init`, which changes what it covers.
 */
export async function computeInitFingerprint(options: FingerprintOptions): Promise<string | undefined> {
  const { directory, root, dataDir, tool, backendConfigFiles = [], inputs = [] } = options;
  try {
    const manifest = (await ifExists(readFile(join(dataDir, 'modules', 'modules.json'), 'utf8'))) ?? '';
    const modules = await localModules(manifest, { directory, root, dataDir });
    const wanted = (name: string) =>
      configurationFile.test(name) ||
      name === lockFile ||
      (tool.distribution === 'opentofu' && variablesFile.test(name));
    const lists = await Promise.all([
      filesIn(directory, wanted),
      ...modules.map((module) => filesIn(module, (name) => configurationFile.test(name))),
    ]);
    const files = [...new Set([...lists.flat(), ...backendConfigFiles])].sort();
    if (files.length > maxFiles) throw new Uncertain('too many files');
    const hash = createHash('sha256');
    const add = (...parts: string[]) => {
      for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
    };
    add(tool.distribution, tool.version, manifest, ...inputs, '');
    add((await ifExists(readFile(join(dataDir, 'environment'), 'utf8'))) ?? '');
    add(...(await installedProviders(dataDir)));
    for (const [index, content] of (await Promise.all(files.map(hashOf))).entries()) {
      // Relative to the root module: another checkout of the same files is as good.
      add(relative(directory, files[index] ?? ''), content);
    }
    return hash.digest('hex');
  } catch (error) {
    if (error instanceof Uncertain || isFileError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** True when the last successful `init` of this data directory was marked with the same fingerprint. */
export async function isInitialized(options: { dataDir: string; fingerprint: string | undefined }): Promise<boolean> {
  const { dataDir, fingerprint } = options;
  return fingerprint !== undefined && (await ifExists(readFile(join(dataDir, marker), 'utf8'))) === fingerprint;
}

/** After a successful `init`. An undefined fingerprint leaves no mark. */
export async function markInitialized(options: { dataDir: string; fingerprint: string | undefined }): Promise<void> {
  const { dataDir, fingerprint } = options;
  if (fingerprint === undefined) return;
  const temporary = join(dataDir, `${marker}.${process.pid}.tmp`);
  await writeFile(temporary, fingerprint, { mode: 0o600 });
  await rename(temporary, join(dataDir, marker));
}

/** Before `init`: makes the data directory, removes the mark and a workspace that a hook may have selected in it. */
export async function prepareInit({ dataDir }: { readonly dataDir: string }): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await Promise.all([marker, 'environment'].map((name) => rm(join(dataDir, name), { force: true })));
}

/** Directories of the modules that are part of the checkout; downloaded ones are in the data directory. */
async function localModules(
  manifest: string,
  { directory, root, dataDir }: Pick<FingerprintOptions, 'directory' | 'root' | 'dataDir'>,
): Promise<string[]> {
  if (manifest === '') return [];
  const parsed = ModulesManifest.safeParse(parseJson(manifest));
  if (!parsed.success) throw new Uncertain('modules.json');
  const [realRoot, realDataDir] = await Promise.all([realpath(root), realpath(dataDir)]);
  const modules = await Promise.all(
    parsed.data.Modules.filter(({ Key }) => Key !== '').map(({ Dir }) => realpath(resolve(directory, Dir))),
  );
  const local = modules.filter((module) => !isInside(module, realDataDir));
  if (!local.every((module) => isInside(module, realRoot))) throw new Uncertain('a module outside the checkout');
  return local;
}

async function filesIn(directory: string, wanted: (name: string) => boolean): Promise<string[]> {
  return (await readdir(directory)).filter(wanted).map((name) => join(directory, name));
}

async function hashOf(path: string): Promise<string> {
  if ((await stat(path)).size > maxFileBytes) throw new Uncertain('a file too large');
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** `host/namespace/name/version/platform` of every installed provider; a link to an emptied cache is ENOENT. */
async function installedProviders(dataDir: string): Promise<string[]> {
  let found = [''];
  const providers = join(dataDir, 'providers');
  for (let depth = 0; depth < 5; depth++) {
    const deeper = await Promise.all(
      found.map(async (path) =>
        ((await ifExists(readdir(join(providers, path)))) ?? []).map((name) => join(path, name)),
      ),
    );
    found = deeper.flat();
  }
  await Promise.all(found.map((path) => readdir(join(providers, path))));
  return found.sort();
}

function isInside(path: string, directory: string): boolean {
  const inside = relative(directory, path);
  return inside === '' || (!inside.startsWith('..') && !isAbsolute(inside));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
