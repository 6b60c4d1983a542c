// From a ref as a caller writes it to a commit in the mirror. A branch costs one git process; all else may cost more.
import { AppError, isAppError } from '@terramesh/contracts';
import { diskFullError } from './disk-full.js';
import { type Git, GitError } from './git.js';
import { ensureMirror, markDamaged, mirrorRef, readMirrorRef, removeLeftovers } from './mirror-files.js';
import { existingRefs, type Remote, unreachable } from './remote.js';

export interface MirrorFetch {
  readonly git: Git;
  readonly mirror: string;
  readonly remote: Remote;
  readonly timeoutMs: number;
}

/** What a ref may mean: a full ref of the remote, or a full or abbreviated SHA. */
type Meaning = { kind: 'ref'; remoteRef: string } | { kind: 'commit'; sha: string };

const localTimeoutMs = 30_000;

/** Full SHA of the commit, annotated tags followed. Throws NOT_FOUND and UNAVAILABLE. Not for two at once per mirror. */
export async function fetchCommit(fetch: MirrorFetch, ref: string): Promise<string> {
  try {
    await ensureMirror(fetch.git, fetch.mirror);
    return await fetchFirstOf(fetch, ref, meaningsOf(ref));
  } catch (error) {
    if (isAppError(error)) throw error;
    const full = await diskFullError(fetch.git.directory, error);
    if (full !== null) throw full;
    if (!(error instanceof GitError)) throw error;
    // A git that was stopped may leave lock files that would stop the next one.
    await removeLeftovers(fetch.mirror);
    throw unreachable(fetch.remote, error);
  }
}

/** In order of preference. Only a full SHA is a commit in the first place. */
function meaningsOf(ref: string): readonly [Meaning, ...Meaning[]] {
  if (ref.startsWith('refs/')) return [{ kind: 'ref', remoteRef: ref }];
  const commit = { kind: 'commit', sha: ref.toLowerCase() } as const;
  if (/^[0-9a-f]{40}$/.test(commit.sha)) return [commit];
  const branch = { kind: 'ref', remoteRef: `refs/heads/${ref}` } as const;
  const tag = { kind: 'ref', remoteRef: `refs/tags/${ref}` } as const;
  return /^[0-9a-f]{7,39}$/.test(commit.sha) ? [branch, tag, commit] : [branch, tag];
}

async function fetchFirstOf(
  fetch: MirrorFetch,
  ref: string,
  meanings: readonly [Meaning, ...Meaning[]],
): Promise<string> {
  const commit = (await fetchDirectly(fetch, meanings[0])) ?? (await fetchExisting(fetch, meanings));
  if (commit !== undefined) return commit;
  throw new AppError('NOT_FOUND', `ref '${ref}' does not exist in ${fetch.remote.repository}`);
}

/** Undefined when git failed, for whatever reason. */
async function fetchDirectly(fetch: MirrorFetch, meaning: Meaning): Promise<string | undefined> {
  try {
    return meaning.kind === 'ref' ? await fetchRef(fetch, meaning.remoteRef) : await fetchSha(fetch, meaning.sha);
  } catch (error) {
    if (isFailedExit(error)) return undefined;
    throw error;
  }
}

/** Asks the remote what there is first; undefined when it has nothing of it. */
async function fetchExisting(fetch: MirrorFetch, meanings: readonly Meaning[]): Promise<string | undefined> {
  const remoteRefs = meanings.flatMap((meaning) => (meaning.kind === 'ref' ? [meaning.remoteRef] : []));
  const existing = await existingRefs(fetch.git, fetch.remote, remoteRefs);
  const meaning = meanings.find((candidate) => candidate.kind === 'commit' || existing.has(candidate.remoteRef));
  if (meaning === undefined) return undefined;
  const attempt = () =>
    meaning.kind === 'ref' ? fetchRef(fetch, meaning.remoteRef) : fetchAmongAll(fetch, meaning.sha);
  try {
    return await attempt();
  } catch (error) {
    // A full disk fails a sound mirror, and takes no new one.
    if (!isFailedExit(error) || (await diskFullError(fetch.mirror, error)) !== null) throw error;
  }
  // The remote answers, so the mirror may be at fault.
  await markDamaged(fetch.mirror);
  await ensureMirror(fetch.git, fetch.mirror);
  return attempt();
}

/** Undefined for a tag of something else than a commit. */
async function fetchRef(fetch: MirrorFetch, remoteRef: string): Promise<string | undefined> {
  const ref = mirrorRef(remoteRef);
  await runFetch(fetch, [], [`+${remoteRef}:${ref}`]);
  // The ref rather than FETCH_HEAD: its name says whose commit it holds.
  const object = await readMirrorRef(fetch.mirror, ref);
  if (object === undefined) {
    throw new GitError('exit', { command: 'fetch', exitCode: 0, stderr: `${remoteRef} was not stored` });
  }
  return remoteRef.startsWith('refs/tags/') ? commitOf(fetch, object) : object;
}

/** Into a branch, where git stores nothing but commits: the SHA of anything else fails. */
async function fetchSha(fetch: MirrorFetch, sha: string): Promise<string> {
  await runFetch(fetch, [], [`+${sha}:${mirrorRef('refs/heads/commit')}`]);
  return sha;
}

/** For abbreviated SHAs, and for servers that give a commit only as a part of a branch or tag. */
async function fetchAmongAll(fetch: MirrorFetch, sha: string): Promise<string | undefined> {
  // Pruned: a branch `a` that is gone would stand in the way of `a/b`.
  await runFetch(fetch, ['--prune'], ['+refs/heads/*:refs/all/heads/*', '+refs/tags/*:refs/all/tags/*']);
  return commitOf(fetch, sha);
}

async function runFetch(fetch: MirrorFetch, more: readonly '--prune'[], refspecs: readonly string[]): Promise<void> {
  const { git, mirror, remote, timeoutMs } = fetch;
  const options = [
    '--quiet',
    '--prune',
    '--no-tags',
    '--no-recurse-submodules',
    '--no-write-fetch-head',
    '--no-auto-gc',
  ];
  await git.run([`--git-dir=${mirror}`, 'fetch', ...options, ...more, '--', remote.cloneUrl, ...refspecs], {
    cwd: git.directory,
    timeoutMs,
    reach: 'network',
    credentials: remote.credentials,
  });
}

/** The commit an object is or leads to; undefined when it leads to none, is not there or stands for several. */
async function commitOf({ git, mirror }: MirrorFetch, object: string): Promise<string | undefined> {
  const revision = `${object}^{commit}`;
  try {
    const commit = await git.run(
      [`--git-dir=${mirror}`, 'rev-parse', '--verify', '--quiet', '--end-of-options', revision],
      {
        cwd: git.directory,
        timeoutMs: localTimeoutMs,
        reach: 'disk',
      },
    );
    return commit.trim();
  } catch (error) {
    if (isFailedExit(error)) return undefined;
    throw error;
  }
}

function isFailedExit(error: unknown): error is GitError {
  return error instanceof GitError && error.reason === 'exit';
}
