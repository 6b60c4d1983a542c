// A command that starts terramesh, as a child process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@terramesh/testing';

export interface StartedCommand {
  readonly pid: number;
  output(): string;
  /** Resolves to the URL once the greeting is there. */
  url(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Resolves to its exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
}

/** @param settings Variables beside those of this process that are no settings. */
export function startCommand(command: readonly string[], settings: Readonly<Record<string, string>>): StartedCommand {
  const [executable = '', ...args] = command;
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(TERRAMESH_|ATLANTIS_|npm_|DATABASE_URL|MESH_URL)/.test(name),
  );
  const child = spawn(executable, args, {
    env: { ...Object.fromEntries(kept), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(String(chunk)));
  const output = () => chunks.join('');
  const closed = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    output,
    async url() {
      const found = await until(() => /is up: (\S+)/.exec(output()) ?? child.exitCode !== null, {
        timeoutMs: 100_000,
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
