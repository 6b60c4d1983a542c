// The API secret of an installation that was given none: made once, kept beside the data, never printed.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the generated secret lies. */
export const apiSecretFile = (dataDir: string): string => join(dataDir, 'api-secret');

/** Reads the secret of this data directory, or makes one of 256 bits that only the file's owner can read. */
export async function ensureApiSecret(dataDir: string): Promise<string> {
  const file = apiSecretFile(dataDir);
  try {
    await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret === '') throw new Error(`${file} is empty. Delete it to get a new secret, or set TERRAMESH_API_SECRET.`);
  return secret;
}
