// The commands that a person starts terramesh with: what they start, they end, however they end themselves.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startCommand } from '../apps/standalone/test/started-command.js';
import { until } from '../packages/testing/dist/index.js';
import { descendantsOf, isAlive, type Process } from './process-family.js';

let dataDir: string;
let family: Process[] = [];

const start = (command: readonly string[]) =>
  startCommand(command, {
    TERRAMESH_DATA_DIR: dataDir,
    TERRAMESH_HOST: '127.0.0.1',
    TERRAMESH_PORT: '0',
    TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*',
  });
const isPostgres = ({ args }: Process) => args.includes('postgres');
const gone = (some: readonly Process[]) =>
  until(() => some.every(({ pid }) => !isAlive(pid)), { timeoutMs: 20_000, describe: 'all processes are gone' });

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'terramesh-start-'));
});

afterEach(async () => {
  for (const { pid } of family) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  family = [];
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'ends everything it started when npm gets %s',
    async (signal) => {
      const npm = start(['npm', 'start', '--silent']);
      const url = await npm.url();
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      family = await descendantsOf(npm.pid);
      expect(family.some(isPostgres)).toBe(true);
      npm.signal(signal);
      await npm.ended();
      await gone(family);
    },
    150_000,
  );
});

describe('npm run start:mesh', () => {
  const starter = [process.execPath, 'tools/start-mesh.mjs'];

  it('starts one process per service and as many replicas as asked, and ends all of them at SIGTERM', async () => {
    const mesh = start([...starter, '--replicas', 'runs=2']);
    const url = await mesh.url();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    family = await descendantsOf(mesh.pid);
    const services = family.flatMap(({ args }) => /apps\/(\w+)\/dist\/main\.js/.exec(args)?.[1] ?? []);
    expect(services.sort()).toEqual(['drift', 'gateway', 'locks', 'projects', 'runs', 'runs']);
    mesh.signal('SIGTERM');
    expect(await mesh.ended()).toBe(0);
    await gone(family);
  }, 150_000);

  it('reports a service that died, stops the others and exits with 1', async () => {
    const mesh = start(starter);
    await mesh.url();
    family = await descendantsOf(mesh.pid);
    const locks = family.find(({ args }) => args.includes('apps/locks/'));
    process.kill(locks?.pid ?? 0, 'SIGKILL');
    expect(await mesh.ended()).toBe(1);
    expect(mesh.output()).toContain('locks ended by itself: SIGKILL');
    await gone(family);
  }, 150_000);

  it('leaves no service behind when it is killed itself', async () => {
    const mesh = start(starter);
    await mesh.url();
    family = await descendantsOf(mesh.pid);
    mesh.signal('SIGKILL');
    await mesh.ended();
    // Postgres goes on, to be adopted by the next start.
    await gone(family.filter((one) => !isPostgres(one)));
  }, 150_000);

  it('refuses replicas of what is not a service', async () => {
    const mesh = start([...starter, '--replicas', 'postgres=2']);
    expect(await mesh.ended()).toBe(1);
    expect(mesh.output()).toContain('--replicas postgres=2 is not understood');
  });
});
