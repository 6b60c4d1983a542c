// The `h1:` hash that Terraform gives an unpacked provider, over the names and contents of its files.
import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Hex of it. On the way every file reaches the disk and becomes executable: the hash knows nothing of modes, so two
 * packages of one hash must not differ in them.
 */
export async function settlePackage(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  const summary = createHash('sha256');
  for (const name of names.sort()) summary.update(`${await settleFile(join(directory, name))}  ${name}\n`);
  return summary.digest('hex');
}

async function settleFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    await file.chmod(0o755);
    await file.sync();
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

/** `h1:…` as lock files have it → the same hex. */
export function hexOfPackageHash(hash: string): string {
  return Buffer.from(hash.slice('h1:'.length), 'base64').toString('hex');
}
