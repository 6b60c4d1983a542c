import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@terramesh/testing';
import { type StartedCommand, startCommand } from './started-command.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const allowlist = { TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*' };

describe('the standalone process', () => {
  let parent: string;
  let dataDir: string;
  const running: StartedCommand[] = [];

  const start = (settings: Readonly<Record<string, string>> = allowlist) => {
    const one = startCommand([process.execPath, main], {
      TERRAMESH_DATA_DIR: dataDir,
      TERRAMESH_PORT: '0',
      ...settings,
    });
    running.push(one);
    return one;
  };
  const postmasterPid = async () =>
    Number((await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0]);

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'terramesh-standalone-'));
    dataDir = join(parent, 'data');
  });

  afterEach(async () => {
    for (const one of running.splice(0)) {
      one.signal('SIGTERM');
      await one.ended();
    }
  });

  afterAll(() => rm(parent, { recursive: true, force: true }));

  it('does not start without an allowlist, and names every problem at once', async () => {
    const one = start({ TERRAMESH_LOG_LEVEL: 'loud', MESH_URL: 'nats://localhost:4222' });
    expect(await one.ended()).toBe(1);
    expect(one.output()).toContain('TERRAMESH_REPO_ALLOWLIST');
    expect(one.output()).toContain('TERRAMESH_LOG_LEVEL');
    expect(one.output()).toContain('npm run start:mesh');
    expect(existsSync(dataDir)).toBe(false);
  });

  it('does not start with a setting that nobody reads, and says which was meant', async () => {
    const one = start({ ...allowlist, TERRAMESH_PROT: '4141' });
    expect(await one.ended()).toBe(1);
    expect(one.output()).toContain('did you mean TERRAMESH_PORT?');
  });

  it('greets with a command that works as pasted, and never prints the secret', async () => {
    const one = start();
    const url = await one.url();
    const command =
      one
        .output()
        .split('\n')
        .find((line) => line.includes('curl -H'))
        ?.trim() ?? '';
    const { stdout } = await promisify(execFile)('sh', ['-c', command.replace('curl ', 'curl -fsS ')]);
    expect(JSON.parse(stdout)).toEqual({ runs: [], next: null });
    expect((await fetch(`${url}/api/runs`)).status).toBe(401);

    const secret = (await readFile(join(dataDir, 'api-secret'), 'utf8')).trim();
    expect(one.output()).not.toContain(secret);
    expect((await stat(join(dataDir, 'api-secret'))).mode & 0o777).toBe(0o600);
  });

  it('shows the token of the first administrator at the first start, and never again', async () => {
    const own = { ...allowlist, TERRAMESH_DATA_DIR: join(parent, 'first') };
    const first = start(own);
    const url = await first.url();
    const token = await until(() => /^ +(\w{14}\.atlasv1\.\w{67})$/m.exec(first.output())?.[1], {
      timeoutMs: 5_000,
      describe: 'the token',
    });
    const ask = (base: string) =>
      fetch(`${base}/api/v2/account/details`, { headers: { Authorization: `Bearer ${token}` } });
    expect((await ask(url)).status).toBe(200);
    first.signal('SIGTERM');
    expect(await first.ended()).toBe(0);
    expect(first.output().split(token)).toHaveLength(2);
    const second = start(own);
    expect((await ask(await second.url())).status).toBe(200);
    expect(second.output()).not.toContain('atlasv1');
  });

  it('stops at SIGTERM with exit code 0 and leaves no process behind', async () => {
    const one = start();
    await one.url();
    const postgres = await postmasterPid();
    one.signal('SIGTERM');
    expect(await one.ended()).toBe(0);
    expect(() => process.kill(postgres, 0)).toThrow('ESRCH');
  });

  it('refuses a data directory that another process has, and names that process', async () => {
    const first = start();
    await first.url();
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain(`process ${first.pid}`);
    expect((await fetch(`${await first.url()}/readyz`)).status).toBe(200);
  });

  it('takes over from one that was killed, with its Postgres and its secret', async () => {
    const first = start();
    await first.url();
    const [postgres, secret] = [await postmasterPid(), await readFile(join(dataDir, 'api-secret'), 'utf8')];
    first.signal('SIGKILL');
    await first.ended();
    const second = start();
    expect((await fetch(`${await second.url()}/readyz`)).status).toBe(200);
    expect(await postmasterPid()).toBe(postgres);
    expect(await readFile(join(dataDir, 'api-secret'), 'utf8')).toBe(secret);
  });
});
