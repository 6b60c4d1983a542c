// A service as a process of its own, on a real broker.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { operation } from '@terramesh/contracts';
import { Mesh, type MeshLink, openMesh } from '@terramesh/mesh';
import { freePort, startTestNats, type TestNats, until } from '@terramesh/testing';
import { z } from 'zod';

const say = operation({
  subject: 'echo.say',
  input: z.object({ text: z.string(), afterMs: z.int().default(0) }),
  output: z.object({ text: z.string() }),
});

let nats: TestNats;
let link: MeshLink;
const started: ChildProcess[] = [];

beforeAll(async () => {
  nats = await startTestNats();
  link = await openMesh({ url: nats.url });
});
afterAll(async () => {
  await link.close();
  await nats.stop();
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Run {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  output(): string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<unknown>;
}

function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo-main.mjs')], {
    env: { PATH: process.env.PATH, TERRAMESH_GREETING: 'hello', MESH_URL: nats.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { child, output: () => output, ended: once(child, 'close').then(([code, signal]) => code ?? signal) };
}

test('it serves, tells its health, and ends with 0 after the call in flight', async () => {
  const port = String(await freePort());
  const { child, output, ended } = run({ TERRAMESH_HEALTH_PORT: port, TERRAMESH_HEALTH_HOST: '127.0.0.1' });
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  await until(async () => (await get('/readyz')) === '{\n  "status": "ok"\n}');
  expect(await new Mesh(link, 'test').call(say, { text: 'hi' })).toEqual({ text: 'hi' });
  expect(await get('/metrics')).toContain('terramesh_mesh_serve_seconds_count{subject="echo.say",outcome="ok"} 1');

  const call = new Mesh(link, 'test').call(say, { text: 'in flight', afterMs: 1_000 });
  await until(() => output().includes('handling in flight'));
  child.kill('SIGTERM');
  await until(async () => (await get('/readyz')) === '{"status":"error","error":"shutting down"}');
  expect(await call).toEqual({ text: 'in flight' });
  expect(await ended).toBe(0);
  expect(output()).toContain('"msg":"stopped"');
  for (const line of output().match(/^\{.*$/gm) ?? []) expect(line.match(/"service":"echo"/g)).toHaveLength(1);
});

test('the same signal twice at once, as a terminal and npm send it, is one', async () => {
  const { child, output, ended } = run({});
  await until(() => output().includes('"msg":"started"'));
  child.kill('SIGINT');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(output()).toContain('"msg":"stopped"');
});

test('a later signal ends it without waiting for its work', async () => {
  const { child, output, ended } = run({});
  await until(() => output().includes('"msg":"started"'));
  const call = new Mesh(link, 'test').call(say, { text: 'x', afterMs: 30_000 }, { timeoutMs: 500 });
  await call.catch(() => {});
  child.kill('SIGINT');
  await until(() => output().includes('"msg":"stopping"'));
  // Repeated until it is late enough to be meant.
  await until(() => child.exitCode !== null || !child.kill('SIGINT'));
  expect(await ended).toBe(1);
});

test('a bad configuration ends it with 1 and the list of problems', async () => {
  const { output, ended } = run({ TERRAMESH_GREETING: '', TERRAMESH_HEALTH_PORT: 'x', TERRAMESH_PASSWORD: 'hunter22' });
  expect(await ended).toBe(1);
  expect(output()).toMatch(
    /^The configuration has 2 problems:\n {2}- TERRAMESH_GREETING is required: .*\n {2}- TERRAMESH_HEALTH_PORT: .*\n$/,
  );
});

test('a start that fails ends it with 1, and no secret is told', async () => {
  const { output, ended } = run({ TERRAMESH_GREETING: 'break', TERRAMESH_PASSWORD: 'hunter22' });
  expect(await ended).toBe(1);
  expect(output()).toContain('terramesh echo cannot run: Error: cannot use ***');
  expect(output()).not.toContain('hunter22');
});

test('without a broker it waits, and then says so', async () => {
  const MESH_URL = 'nats://mesh:hunter22@127.0.0.1:1';
  const { output, ended } = run({ MESH_URL, TERRAMESH_MESH_CONNECT_TIMEOUT: '0.3' });
  expect(await ended).toBe(1);
  expect(output()).toBe('terramesh echo cannot run: NATS cannot be reached at 127.0.0.1:1\n');
});

test('asked to stop while it waits for the broker, it ends', async () => {
  const { child, output, ended } = run({ MESH_URL: 'nats://127.0.0.1:1', TERRAMESH_LOG_LEVEL: 'debug' });
  await until(() => output().includes('waiting for NATS'));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('a name that is one slip away from a setting is pointed out', async () => {
  const { output } = run({ TERRAMESH_LOG_LEVLE: 'debug', TERRAMESH_SOMETHING_ELSE: 'x' });
  await until(() => output().includes('"msg":"started"'));
  expect(output()).toContain('TERRAMESH_LOG_LEVLE is not read; is it TERRAMESH_LOG_LEVEL?');
  expect(output()).not.toContain('SOMETHING_ELSE');
});
