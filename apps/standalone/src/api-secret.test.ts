import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { apiSecretFile, ensureApiSecret } from './api-secret.js';

describe('ensureApiSecret', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'terramesh-secret-'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('gives the same secret at every start', async () => {
    const first = await ensureApiSecret(dataDir);
    expect(await ensureApiSecret(dataDir)).toBe(first);
    expect(first.length).toBeGreaterThanOrEqual(43);
  });

  it('keeps it in a file that only its owner can read', async () => {
    await ensureApiSecret(dataDir);
    expect((await stat(apiSecretFile(dataDir))).mode & 0o777).toBe(0o600);
  });

  it('takes a secret that a person put there', async () => {
    await writeFile(apiSecretFile(dataDir), 'chosen-by-hand\n');
    expect(await ensureApiSecret(dataDir)).toBe('chosen-by-hand');
  });

  it('refuses an empty secret', async () => {
    await writeFile(apiSecretFile(dataDir), '');
    await expect(ensureApiSecret(dataDir)).rejects.toThrow('is empty');
  });
});
