// The API secret of an installation that was given none: made once, kept beside the data, never printed.
import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.js';

/** Where the generated secret lies. */
export const apiSecretFile = (dataDir: string): string => join(dataDir, 'api-secret');

/** Reads the secret of this data directory, or makes one of 256 bits that only the file's owner can read. */
export async function ensureApiSecret(dataDir: string): Promise<string> {
  const file = apiSecretFile(dataDir);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // A link puts the whole content in place at once, and never over a secret that is there.
    await link(draft, file);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret === '') throw new Error(`${file} is empty. Delete it to get a new secret, or set TERRAMESH_API_SECRET.`);
  return secret;
}
