// A git host on the local disk: bare repositories below one folder, changed as people change them.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Path to content; null deletes. A content that starts with `#!` is made executable. */
export type GitFiles = Readonly<Record<string, string | null>>;

export interface GitRemoteOptions {
  /** `owner/name`, or deeper. */
  readonly repository: string;
  /** The first commit of `main`. */
  readonly files: GitFiles;
}

export interface GitRemote {
  /** `file:///…`, without a slash at its end; the repository is `<baseUrl>/<repository>.git`. */
  readonly baseUrl: string;
  readonly repository: string;
  /** The commit that `main` was born with. */
  readonly firstCommit: string;
  /** Adds a commit on top of the branch (default `main`), which begins at `main` when it is new. Resolves to its SHA. */
  commit(files: GitFiles, options?: { readonly message?: string; readonly branch?: string }): Promise<string>;
  /** Tags the tip of `main`. */
  tag(name: string): Promise<void>;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
const run = promisify(execFile);

export async function createGitRemote(options: GitRemoteOptions): Promise<GitRemote> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-git-'));
  const bare = join(folder, 'host', `${options.repository}.git`);
  const work = join(folder, 'work');
  const git = async (...args: string[]) => {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
    const { stdout } = await run('git', [...identity, '-C', work, ...args], { env, timeout: 30_000 });
    return stdout.trim();
  };
  await mkdir(dirname(bare), { recursive: true });
  await mkdir(work);
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], { timeout: 30_000 });
  await git('init', '--quiet', '--initial-branch=main');
  await git('remote', 'add', 'origin', bare);

  const commit: GitRemote['commit'] = async (files, { message = 'change', branch = 'main' } = {}) => {
    const isBorn = (await git('branch', '--list', 'main')) !== '';
    const isKnown = (await git('branch', '--list', branch)) !== '';
    if (isKnown) await git('checkout', '--quiet', branch);
    else if (isBorn) await git('checkout', '--quiet', '-b', branch, 'main');
    await writeFiles(work, files);
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', message);
    await git('push', '--quiet', 'origin', branch);
    return git('rev-parse', 'HEAD');
  };
  const firstCommit = await commit(options.files, { message: 'first' });
  return {
    baseUrl: pathToFileURL(join(folder, 'host')).href,
    repository: options.repository,
    firstCommit,
    commit,
    async tag(name) {
      await git('tag', name, 'main');
      await git('push', '--quiet', 'origin', `refs/tags/${name}`);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeFiles(work: string, files: GitFiles): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = resolve(work, path);
    if (!file.startsWith(work + sep)) throw new Error(`${path} is outside of the repository`);
    if (content === null) {
      await rm(file, { recursive: true });
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    if (content.startsWith('#!')) await chmod(file, 0o755);
  }
}
