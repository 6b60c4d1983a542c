// A real nats-server that a test may kill.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { until } from './until.js';

export interface TestNats {
  readonly url: string;
  readonly port: number;
  /** Of the server, or of the docker client that runs it. */
  readonly pid: number;
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

type Command = (port: number) => { readonly file: string; readonly args: string[]; end(): Promise<void> };

/** On a free loopback port: the nats-server on the PATH, else one in docker. */
export async function startTestNats(): Promise<TestNats> {
  const command = await findCommand();
  const port = await freePort();
  let server = await start(command, port);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.child.pid ?? 0;
    },
    kill: () => end(server, 'SIGKILL'),
    async restart() {
      await end(server, 'SIGTERM');
      server = await start(command, port);
    },
    stop: () => end(server, 'SIGTERM'),
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly end: () => Promise<void>;
}

async function start(command: Command, port: number): Promise<Server> {
  const { file, args, end } = command(port);
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server ended:\n${output}`)));
  });
  failed.catch(() => {});
  const ready = until(() => greets(port), { timeoutMs: 60_000, describe: 'nats-server' });
  ready.catch(() => {});
  await Promise.race([ready, failed]);
  return { child, end };
}

async function end({ child, end: endContainer }: Server, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (signal === 'SIGKILL') await endContainer();
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited.finally(() => clearTimeout(timer));
}

/** True when something at this port speaks first, as a NATS server does. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (greeting) => {
      socket.destroy();
      resolve(greeting.toString().startsWith('INFO '));
    });
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(false));
  });
}

async function findCommand(): Promise<Command> {
  if (await answers('nats-server', ['--version'])) {
    return (port) => ({ file: 'nats-server', args: ['-a', '127.0.0.1', '-p', String(port)], end: async () => {} });
  }
  if (await answers('docker', ['info'])) {
    return (port) => {
      const name = `terramesh-nats-${randomUUID()}`;
      const args = ['run', '--rm', '--name', name, '-p', `127.0.0.1:${port}:4222`, 'nats:2'];
      const kill = async () => void (await promisify(execFile)('docker', ['kill', name], { timeout: 30_000 }));
      return { file: 'docker', args, end: kill };
    };
  }
  throw new Error(
    'There is no nats-server. `node tools/ensure-nats.mjs` installs one on Debian; elsewhere see' +
      ' https://docs.nats.io/running-a-nats-service/introduction/installation, or start docker.',
  );
}

async function answers(file: string, args: string[]): Promise<boolean> {
  try {
    await promisify(execFile)(file, args, { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
