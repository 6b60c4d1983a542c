// One process of the system under test: started, killed, stopped, paused and started again as an operator would.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from '@terramesh/testing';

export type ServiceName = 'drift' | 'gateway' | 'locks' | 'projects' | 'runs';

export interface ServiceProcessOptions {
  readonly service: ServiceName;
  /** Shown in failures. */
  readonly name: string;
  /** All of it; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 when the process serves. */
  readonly readyUrl: string;
}

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file));
const maxOutputChars = 200_000;
const startTimeoutMs = 30_000;

export class ServiceProcess {
  private child: ChildProcess | undefined;
  /** What it printed, over all its lives; the last part of it. */
  output = '';

  constructor(private readonly options: ServiceProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it serves; at once when it is running. */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const { service, env, readyUrl } = this.options;
    const main = fileURLToPath(new URL(`../../apps/${service}/dist/main.js`, import.meta.url));
    // Ends with the test process, even when that is killed.
    const tie = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
    const [file = '', ...args] = [...tie, process.execPath, main];
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-maxOutputChars);
      });
    const serves = async () => {
      if (!this.isRunning) return 'ended';
      const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(2_000) });
      return answer.ok ? 'serves' : undefined;
    };
    const end = await until(serves, { timeoutMs: startTimeoutMs, describe: `the start of ${this.name}` }).catch(
      (error: unknown) => Promise.reject(new Error(`${String(error)}\n${this.output}`)),
    );
    if (end === 'ended') throw new Error(`${this.name} ended at its start\n${this.output}`);
  }

  /** SIGKILL: what it started goes on without it. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child?.exitCode ?? null;
  }

  /** SIGSTOP: alive, but silent. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    await exited;
  }
}
