// A root module in a directory of its own, with everything that Terraform writes beside it, and the real CLI.
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Environment,
  type Exit,
  findTool,
  outputFiles,
  type ProcessOptions,
  startProcess,
  type Tool,
  terraformEnvironment,
} from '../src/index.js';

export interface Sandbox {
  readonly root: string;
  /** The root module. */
  readonly directory: string;
  readonly dataDir: string;
  readonly tool: Tool;
  path(name: string): string;
  write(name: string, content: string): Promise<void>;
  env(options?: { workspace?: string; parent?: Record<string, string>; allow?: string[] }): Environment;
  options(args: string[], options?: Partial<ProcessOptions>): ProcessOptions;
  /** Runs the CLI to its end. */
  run(args: string[], options?: Partial<ProcessOptions>): Promise<{ exit: Exit; text: string; stdout: string }>;
  remove(): Promise<void>;
}

/** `main` is main.tf; its backend should be in `root`. */
export async function createSandbox(main: (root: string) => string): Promise<Sandbox> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'terraform-test-')));
  const path = (name: string) => join(root, name);
  const [directory, dataDir, home] = [path('checkout'), path('data'), path('home')];
  await Promise.all([directory, home].map((each) => mkdir(each)));
  const tool = await findTool({ preference: 'terraform', path: process.env.PATH ?? '' });
  const write = (name: string, content: string) => writeFile(join(directory, name), content);
  await write('main.tf', main(root));
  let runs = 0;

  const env: Sandbox['env'] = ({ workspace, parent = {}, allow = [] } = {}) =>
    terraformEnvironment({
      parent: { PATH: process.env.PATH, ...parent },
      home,
      dataDir,
      allow,
      ...(workspace === undefined ? {} : { workspace }),
    });
  const options: Sandbox['options'] = (args, overrides = {}) => {
    runs += 1;
    return {
      executable: tool.executable,
      args,
      cwd: directory,
      env: env(),
      directory: path(`process-${runs}`),
      ...overrides,
    };
  };
  const run: Sandbox['run'] = async (args, overrides = {}) => {
    const all = options(args, overrides);
    const exit = await (await startProcess(all)).exited;
    const files = outputFiles(all.directory);
    const read = (file: string) => readFile(file, 'utf8').catch(() => '');
    return { exit, text: await read(files.merged), stdout: await read(files.stdout) };
  };
  const remove = () => rm(root, { recursive: true, force: true });
  return { root, directory, dataDir, tool, path, write, env, options, run, remove };
}

/** Waits for a condition, without a fixed pause. */
export async function until<T>(condition: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const value = await condition();
    if (value !== undefined) return value;
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The content of a file once it is there. */
export function fileContent(path: string): Promise<string> {
  return until(async () => (await readFile(path, 'utf8').catch(() => '')) || undefined, path);
}
