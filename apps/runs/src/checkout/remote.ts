// What a remote answers when a fetch failed: which of some refs it has, or why it cannot be asked.
import { access, constants } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AppError } from '@terramesh/contracts';
import { type Git, GitError } from './git.js';
import { basicAuthorization, type GitCredentials } from './git-environment.js';

export interface Remote {
  /** `owner/name`, for messages. */
  readonly repository: string;
  readonly cloneUrl: string;
  readonly credentials: GitCredentials | null;
}

const lsRemoteFoundNothing = 2;
const timeoutMs = 60_000;

/**
 * Those of `refs` (full names) that exist. Throws NOT_FOUND when there is no such repository, it is empty or access is
 * denied, UNAVAILABLE when the remote does not answer.
 */
export async function existingRefs(git: Git, remote: Remote, refs: readonly string[]): Promise<Set<string>> {
  const found = await listRemote(git, remote, refs);
  if (found.length === 0 && (refs.length === 0 || (await listRemote(git, remote, [])).length === 0)) {
    throw new AppError('NOT_FOUND', `${remote.repository} is empty: it has no branch and no tag`);
  }
  // git matches the end of a name too (`x/refs/heads/main`).
  return new Set(found.filter((name) => refs.includes(name)));
}

/** Names of branches and tags, all of them when no `refs` are given. */
async function listRemote(git: Git, remote: Remote, refs: readonly string[]): Promise<string[]> {
  try {
    const lines = await git.run(
      ['ls-remote', '--quiet', '--exit-code', '--heads', '--tags', '--', remote.cloneUrl, ...refs],
      {
        cwd: git.directory,
        timeoutMs,
        reach: 'network',
        credentials: remote.credentials,
      },
    );
    return lines.split('\n').flatMap((line) => line.split('\t')[1] ?? []);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.exitCode === lsRemoteFoundNothing) return [];
    throw await whyUnreachable(remote, error);
  }
}

/** git has one exit code for all of it, and its messages are not an interface: ask the transport itself. */
async function whyUnreachable(remote: Remote, cause: GitError): Promise<AppError> {
  const denied = cause.reason === 'exit' && (await isAbsentOrDenied(remote));
  return denied
    ? new AppError('NOT_FOUND', `${remote.repository} does not exist or access to it is denied`, { cause })
    : unreachable(remote, cause);
}

/** UNAVAILABLE, with what git said. */
export function unreachable(remote: Remote, cause: GitError): AppError {
  const reason = cause.reason === 'timeout' ? 'it did not answer in time' : cause.stderr;
  return new AppError('UNAVAILABLE', `${remote.repository} cannot be fetched: ${reason}`, { cause });
}

async function isAbsentOrDenied(remote: Remote): Promise<boolean> {
  const url = new URL(remote.cloneUrl);
  return url.protocol === 'file:' ? !(await isRepository(fileURLToPath(url))) : isRefusedOverHttp(remote, url);
}

async function isRepository(path: string): Promise<boolean> {
  const heads = [`${path}/HEAD`, `${path}/.git/HEAD`, `${path}.git/HEAD`].map((head) => access(head, constants.R_OK));
  return (await Promise.allSettled(heads)).some(({ status }) => status === 'fulfilled');
}

async function isRefusedOverHttp(remote: Remote, url: URL): Promise<boolean> {
  url.pathname = `${url.pathname.replace(/\/$/, '')}/info/refs`;
  url.search = '?service=git-upload-pack';
  const headers = remote.credentials === null ? {} : { authorization: basicAuthorization(remote.credentials) };
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return [401, 403, 404, 410].includes(response.status);
  } catch {
    // No answer at all: what git said stands.
    return false;
  }
}
