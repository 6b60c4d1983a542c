import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimDirectory } from '../src/claim-directory.js';

let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-claim-'));
  directory = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function pretend(change: Record<string, unknown>): Promise<void> {
  const claim = await claimDirectory(directory);
  const owner = JSON.parse(await readFile(join(directory, 'owner.json'), 'utf8'));
  await claim.release();
  await writeFile(join(directory, 'owner.json'), JSON.stringify({ ...owner, ...change }));
}

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('claimDirectory', () => {
  it('gives the directory to one of many, and to the next after its release', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => claimDirectory(directory)));
    const claims = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    expect(claims).toHaveLength(1);
    await expect(claimDirectory(directory)).rejects.toThrow('is in use by process');
    await claims[0]?.release();
    expect(await readdir(directory)).toEqual([]);
    await (await claimDirectory(directory)).release();
  });

  it.each<[string, () => Promise<Record<string, unknown>>]>([
    ['whose process is gone', async () => ({ pid: await deadPid() })],
    ['whose pid belongs to another process now', async () => ({ startTime: '1' })],
    ['of another boot', async () => ({ bootId: 'before' })],
  ])('succeeds an owner %s', async (_, change) => {
    await pretend(await change());
    await (await claimDirectory(directory)).release();
  });

  it('succeeds an owner whose file is damaged', async () => {
    await pretend({});
    await writeFile(join(directory, 'owner.json'), '');
    await (await claimDirectory(directory)).release();
  });

  it('gives way to an owner on another host as long as that one shows that it lives', async () => {
    const elsewhere = await claimDirectory(directory, { host: 'elsewhere', heartbeatMs: 30 });
    await expect(claimDirectory(directory, { heartbeatMs: 300 })).rejects.toThrow('on elsewhere');
    await elsewhere.release();
    await pretend({ host: 'elsewhere' });
    await (await claimDirectory(directory, { heartbeatMs: 30 })).release();
  });
});
