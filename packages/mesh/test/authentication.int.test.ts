// Services authenticate to the broker, and what they authenticate with is never told.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type MeshOptions, openMesh } from '../src/index.js';
import { keepingLogger } from './echo-service.js';

const started: ChildProcess[] = [];

afterEach(async () => {
  for (const server of started.splice(0)) {
    const exited = once(server, 'exit');
    server.kill();
    await exited;
  }
});

/** The port of a nats-server that asks for credentials. */
async function startServer(...args: string[]): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  started.push(spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), ...args], { stdio: 'ignore' }));
  return port;
}

async function connects(options: Omit<MeshOptions, 'logger'>): Promise<unknown> {
  const logger = keepingLogger();
  try {
    const link = await openMesh({ ...options, logger, connectWithinMs: 20_000 });
    await link.ready();
    await link.close();
    return 'connected';
  } catch (error) {
    return error;
  } finally {
    expect(JSON.stringify(logger.entries)).not.toMatch(/hunter22|wr0ng/);
  }
}

test('a user with a password, in the url or beside it', async () => {
  const port = await startServer('--user', 'mesh', '--pass', 'hunter22');
  const credentials = { user: 'mesh', password: 'hunter22' };
  expect(await connects({ url: `nats://mesh:hunter22@127.0.0.1:${port}` })).toBe('connected');
  expect(await connects({ url: `nats://127.0.0.1:${port}`, credentials })).toBe('connected');
});

test('a token, in the url or beside it', async () => {
  const port = await startServer('--auth', 'hunter22');
  expect(await connects({ url: `nats://hunter22@127.0.0.1:${port}` })).toBe('connected');
  expect(await connects({ url: `nats://127.0.0.1:${port}`, credentials: { token: 'hunter22' } })).toBe('connected');
});

test.each(['nats://127.0.0.1', 'nats://mesh:wr0ng@127.0.0.1'])(
  'wrong or missing credentials are refused',
  async (url) => {
    const port = await startServer('--user', 'mesh', '--pass', 'hunter22');
    const error = await connects({ url: `${url}:${port}` });
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: `NATS at 127.0.0.1:${port} refuses the credentials` });
  },
);
