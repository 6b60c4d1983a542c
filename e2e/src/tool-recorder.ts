// A `git` and a `terraform` to be put first on PATH: they write down how they are called, and wait where a test wants it.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@terramesh/testing';

export interface ToolCall {
  readonly tool: string;
  readonly cwd: string;
  readonly args: readonly string[];
}

export interface Hold {
  /** Resolves when the command has come to it. */
  reached(): Promise<void>;
  release(): Promise<void>;
}

export interface ToolRecorder {
  /** Holds nothing but the recording tools. */
  readonly bin: string;
  /** PATH with the recording tools first. */
  readonly path: string;
  /** Since the last `forget`. */
  calls(): Promise<ToolCall[]>;
  forget(): Promise<void>;
  /** Lets the Terraform command wait before it begins, wherever the root module's folder has this name. */
  hold(command: 'init' | 'plan' | 'apply', directoryName: string): Promise<Hold>;
  /** Adds a tool of this name from PATH. */
  add(tool: string): Promise<void>;
  remove(): Promise<void>;
}

const unit = '\x1f';
const record = '\x1e';

export async function recordTools(tools: readonly string[] = ['git', 'terraform']): Promise<ToolRecorder> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-tools-'));
  const bin = join(folder, 'bin');
  const log = join(folder, 'calls');
  const originalPath = process.env.PATH ?? '';
  await mkdir(bin);
  const add = async (tool: string) => {
    const wrapper = join(bin, tool);
    await writeFile(wrapper, wrapperOf({ tool, executable: await which(tool, originalPath), folder, log }));
    await chmod(wrapper, 0o755);
  };
  for (const tool of tools) await add(tool);
  await writeFile(log, '');
  return {
    bin,
    path: `${bin}:${originalPath}`,
    async calls() {
      const records = (await readFile(log, 'utf8')).split(record).slice(0, -1);
      return records.map((text) => {
        const [tool = '', cwd = '', ...args] = text.split(unit);
        return { tool, cwd, args };
      });
    },
    forget: () => writeFile(log, ''),
    async hold(command, directoryName) {
      const gate = join(folder, 'hold', command, directoryName);
      await mkdir(join(folder, 'hold', command), { recursive: true });
      await rm(`${gate}.reached`, { force: true });
      await writeFile(gate, '');
      return {
        reached: async () => {
          await until(() => readFile(`${gate}.reached`).then(() => true), {
            timeoutMs: 30_000,
            describe: `terraform ${command} in ${directoryName}`,
          });
        },
        release: () => rm(gate, { force: true }),
      };
    },
    add,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One write for each call: those of processes side by side do not mix. */
function wrapperOf(of: { tool: string; executable: string; folder: string; log: string }): string {
  const holding = `held="${of.folder}/hold/$1/\${PWD##*/}"
if [ -e "$held" ]; then
  : > "$held.reached"
  while [ -e "$held" ]; do sleep 0.02; done
fi
`;
  return `#!/bin/sh
line="${of.tool}${unit}$PWD"
for argument; do line="$line${unit}$argument"; done
printf '%s${record}' "$line" >> "${of.log}"
${of.tool === 'terraform' ? holding : ''}exec "${of.executable}" "$@"
`;
}

async function which(tool: string, path: string): Promise<string> {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `command -v ${tool}`], { env: { PATH: path } });
  return stdout.trim();
}
