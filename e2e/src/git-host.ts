// A git host on the local disk with several repositories, for what people put into them: links, tags, nothing at all.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Path to content; null deletes, `-> x` is a symbolic link to x, `#!` makes it executable. */
export type Files = Readonly<Record<string, string | null>>;

export interface Repository {
  /** Adds a commit on top of the branch (default `main`, where new branches begin). Resolves to its SHA. */
  commit(files: Files, branch?: string): Promise<string>;
  /** git in a clone of it, whose `origin` it is. */
  git(...args: string[]): Promise<string>;
}

export interface GitHost {
  readonly folder: string;
  /** `file:///…`, without a slash at its end; a repository is `<baseUrl>/<name>.git`. */
  readonly baseUrl: string;
  /** Without a commit unless there are files. */
  create(name: string, files?: Files): Promise<Repository>;
  remove(): Promise<void>;
}

export async function createGitHost(): Promise<GitHost> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-host-'));
  const bares = join(folder, 'bare');
  return {
    folder: bares,
    baseUrl: pathToFileURL(bares).href,
    async create(name, files) {
      const bare = join(bares, `${name}.git`);
      const work = join(folder, 'work', name);
      await mkdir(bare, { recursive: true });
      await mkdir(work, { recursive: true });
      await git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
      await git(work, 'init', '--quiet', '--initial-branch=main');
      await git(work, 'remote', 'add', 'origin', bare);
      const repository: Repository = {
        git: (...args) => git(work, ...args),
        commit: (changes, branch = 'main') => commit(work, changes, branch),
      };
      if (files !== undefined) await repository.commit(files);
      return repository;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function commit(work: string, files: Files, branch: string): Promise<string> {
  const branches = (await git(work, 'branch', '--format=%(refname:short)')).split('\n');
  if (branches.includes(branch)) await git(work, 'checkout', '--quiet', branch);
  else if (branches.includes('main')) await git(work, 'checkout', '--quiet', '-b', branch, 'main');
  for (const [path, content] of Object.entries(files)) await put(join(work, path), content);
  await git(work, 'add', '--all');
  await git(work, 'commit', '--quiet', '--allow-empty', '--message', 'change');
  await git(work, 'push', '--quiet', 'origin', branch);
  return git(work, 'rev-parse', 'HEAD');
}

async function put(path: string, content: string | null): Promise<void> {
  await rm(path, { recursive: true, force: true });
  if (content === null) return;
  await mkdir(dirname(path), { recursive: true });
  if (content.startsWith('-> ')) return symlink(content.slice(3), path);
  await writeFile(path, content);
  if (content.startsWith('#!')) await chmod(path, 0o755);
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const { stdout } = await run('git', [...identity, ...args], { cwd, env, timeout: 30_000 });
  return stdout.trim();
}
