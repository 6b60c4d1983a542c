import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimDataDirectory, DataDirectoryInUse } from './claim-data-directory.js';

describe('claimDataDirectory', () => {
  let parent: string;
  let dataDir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'terramesh-claim-'));
    dataDir = join(parent, 'data');
  });

  afterEach(() => rm(parent, { recursive: true, force: true }));

  const leaveFile = async (pid: number, content: string) => {
    await mkdir(join(dataDir, 'process'), { recursive: true });
    await writeFile(join(dataDir, 'process', String(pid)), content);
  };

  it('creates a missing directory for its owner only', async () => {
    await claimDataDirectory(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('refuses a directory that a live process has, and names the process', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(other, 'spawn');
    const pid = other.pid ?? 0;
    await leaveFile(pid, '');
    await expect(claimDataDirectory(dataDir)).rejects.toThrow(DataDirectoryInUse);
    await expect(claimDataDirectory(dataDir)).rejects.toThrow(`process ${pid}`);
    expect(await readdir(join(dataDir, 'process'))).toEqual([String(pid)]);
    other.kill('SIGKILL');
    await once(other, 'exit');
  });

  it('takes over from a process that was killed', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(other, 'spawn');
    await leaveFile(other.pid ?? 0, '');
    other.kill('SIGKILL');
    await once(other, 'exit');
    await claimDataDirectory(dataDir);
    expect(await readdir(join(dataDir, 'process'))).toEqual([String(process.pid)]);
  });

  it('does not take a later process with the same number for the one that was killed', async () => {
    await leaveFile(process.ppid, 'started at another time');
    await claimDataDirectory(dataDir);
    expect(await readdir(join(dataDir, 'process'))).toEqual([String(process.pid)]);
  });

  it('leaves nothing behind after its release', async () => {
    const claim = await claimDataDirectory(dataDir);
    await claim.release();
    expect(await readdir(join(dataDir, 'process'))).toEqual([]);
  });
});
