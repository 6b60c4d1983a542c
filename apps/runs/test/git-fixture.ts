// A data directory, a host of bare repositories, and a `git` that writes down how it is called.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Launcher } from '@terramesh/terraform';
import { Checkouts } from '../src/checkout/checkouts.js';
import { Git } from '../src/checkout/git.js';
import { type FetchRequest, Mirrors } from '../src/checkout/mirrors.js';

const run = promisify(execFile);

/** Runs the real git, as somebody else than the code under test. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main'];
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const { stdout } = await run('git', [...identity, ...args], { cwd, env });
  return stdout.trim();
}

export interface Upstream {
  readonly bare: string;
  readonly request: FetchRequest;
  /** Commits these files to a branch (`main`); a content of `-> x` is a symbolic link to x. Resolves to the SHA. */
  commit(files: Record<string, string>, branch?: string): Promise<string>;
  git(...args: string[]): Promise<string>;
}

export class GitFixture {
  #calls = 0;

  private constructor(readonly folder: string) {}

  static async create(): Promise<GitFixture> {
    const fixture = new GitFixture(await mkdtemp(join(tmpdir(), 'terramesh-checkout-')));
    await mkdir(join(fixture.folder, 'bin'));
    await fixture.wrapGit('exec "$git" "$@"');
    return fixture;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Replaces the `git` that is first in PATH: a shell script, in which `$git` is the real one. */
  async wrapGit(script: string): Promise<void> {
    const wrapper = join(this.folder, 'bin', 'git');
    const { stdout } = await run('sh', ['-c', 'command -v git']);
    const log = `env > "${this.folder}/env"; printf '%s\\n' "$*" >> "${this.folder}/calls"`;
    await writeFile(wrapper, `#!/bin/sh\n${log}\ngit=${stdout.trim()}\n${script}\n`);
    await chmod(wrapper, 0o755);
  }

  /** How git was called since the last time this was asked. */
  async newCalls(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'calls'), 'utf8').catch(() => '');
    const calls = text.split('\n').filter((line) => line !== '');
    const fresh = calls.slice(this.#calls);
    this.#calls = calls.length;
    return fresh;
  }

  /** The variables that the last git was given. */
  async lastEnvironment(): Promise<Record<string, string>> {
    const lines = (await readFile(join(this.folder, 'env'), 'utf8')).split('\n');
    return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
  }

  /** What a process of the service has; a second call is what it has after a restart. */
  async open(options: { data?: string; timeoutMs?: number; environment?: Record<string, string> } = {}) {
    const { data = join(this.folder, 'data'), timeoutMs = 60_000 } = options;
    const environment = { PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`, ...options.environment };
    const own = await Git.open({
      directory: data,
      environment,
      launcher: new Launcher(),
      maxNetworkOperations: 4,
    });
    const root = join(data, 'mirrors');
    const mirrors = new Mirrors({ root, git: own, fetchTimeoutMs: timeoutMs });
    const checkouts = new Checkouts({
      root: join(data, 'checkouts'),
      mirrors: root,
      git: own,
      checkoutTimeoutMs: timeoutMs,
    });
    return { git: own, mirrors, checkouts, data };
  }

  /** A bare repository, without a commit yet. */
  async upstream(repository = 'acme/infra'): Promise<Upstream> {
    const bare = join(this.folder, 'host', `${repository}.git`);
    const work = join(this.folder, 'work', repository);
    await mkdir(bare, { recursive: true });
    await mkdir(work, { recursive: true });
    await git(bare, 'init', '--quiet', '--bare');
    await git(work, 'init', '--quiet');
    const request = {
      hostname: 'github.com',
      repository,
      cloneUrl: pathToFileURL(bare).href,
      ref: 'main',
      credentials: null,
    };
    const commit: Upstream['commit'] = async (files, branch = 'main') => {
      await git(work, 'checkout', '--quiet', '-B', branch);
      for (const [name, content] of Object.entries(files)) await put(join(work, name), content);
      await git(work, 'add', '--all');
      await git(work, 'commit', '--quiet', '--allow-empty', '--message', 'change');
      await git(work, 'push', '--quiet', '--force', bare, `HEAD:refs/heads/${branch}`);
      return git(work, 'rev-parse', 'HEAD');
    };
    return { bare, request, commit, git: (...args) => git(bare, ...args) };
  }
}

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  if (content.startsWith('-> ')) await symlink(content.slice(3), path);
  else await writeFile(path, content);
}
