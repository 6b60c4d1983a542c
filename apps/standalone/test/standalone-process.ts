// The built standalone as a child process, as a person starts it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '@terramesh/testing';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface StandaloneProcess {
  readonly pid: number;
  /** Everything it wrote so far. */
  output(): string;
  /** Resolves to the URL once the greeting is there. */
  url(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Resolves to its exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
}

/** @param settings Variables beside PATH and HOME. */
export function startStandaloneProcess(settings: Readonly<Record<string, string>>): StandaloneProcess {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, HOME: settings.TERRAMESH_DATA_DIR, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(String(chunk)));
  const output = () => chunks.join('');
  const closed = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    output,
    async url() {
      const found = await until(() => /is up: (\S+)/.exec(output()) ?? hasEnded(child), {
        timeoutMs: 45_000,
        describe: 'the greeting',
      });
      if (found === true) throw new Error(`it ended: ${output()}`);
      return found[1] ?? '';
    },
    signal: (name) => void child.kill(name),
    async ended() {
      const [code, signal] = await closed;
      return code ?? signal;
    },
  };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
