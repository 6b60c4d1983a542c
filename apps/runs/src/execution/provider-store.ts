// Providers that targets without a lock file installed, shared between them. Terraform unpacks such a provider anew each
// time, over what is in its cache, under the eyes of every plan that uses it: so each target unpacks it for itself, and
// what it unpacked then moves here, where nothing is ever written again.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Before `init`: what is there would be written over, the store included. */
export async function forgetProviders(dataDir: string): Promise<void> {
  await rm(join(dataDir, 'providers'), { recursive: true, force: true });
}

/** After `init`: replaces what it installed in a TF_DATA_DIR by links to the store, which is on the same file system. */
export async function shareProviders({ dataDir, store }: { dataDir: string; store: string }): Promise<void> {
  for (const name of await installedIn(join(dataDir, 'providers'))) {
    const installed = join(dataDir, 'providers', name);
    // A link leads to a mirror.
    if (!(await lstat(installed)).isDirectory()) continue;
    const shared = join(store, name, await digestOf(installed));
    await mkdir(dirname(shared), { recursive: true, mode: 0o700 });
    await moveUnlessThere(installed, shared);
    await symlink(shared, installed);
  }
}

/** `host/namespace/name/version/platform` of each. */
async function installedIn(providers: string): Promise<string[]> {
  let found = [''];
  for (let depth = 0; depth < 5; depth += 1) {
    const deeper = await Promise.all(
      found.map(async (path) => (await namesIn(join(providers, path))).map((name) => join(path, name))),
    );
    found = deeper.flat();
  }
  return found;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(from, { recursive: true });
  }
}

/** Of names, modes and contents. */
async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const { mode, size } = await lstat(file);
    hash.update(JSON.stringify([file.slice(directory.length), mode, size]));
    await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) hash.update(chunk);
    });
  }
  return hash.digest('hex').slice(0, 32);
}
