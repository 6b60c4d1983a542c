// One bare mirror per repository per host: a run fetches only what is new.
import { join } from 'node:path';
import { AppError, Ref, type Repository } from '@terramesh/contracts';
import { fetchCommit } from './fetch-commit.js';
import type { Git } from './git.js';
import type { GitCredentials } from './git-environment.js';
import { mirrorName, namesIn, removeLeftovers } from './mirror-files.js';
import { KeyedMutex } from './slots.js';

export interface FetchRequest extends Repository {
  /** http, https or file; without credentials. */
  readonly cloneUrl: string;
  readonly ref: string;
  readonly credentials: GitCredentials | null;
}

export interface Fetched {
  /** The mirror's directory. */
  readonly mirror: string;
  /** Full SHA of a commit that is in the mirror. */
  readonly commit: string;
}

/** Only one process may use `root` at a time (packages/service: claimDirectory); within it, each mirror has one fetch at a time. */
export class Mirrors {
  readonly #mutex = new KeyedMutex();
  readonly #inLine = new Map<string, Promise<Fetched>>();

  constructor(private readonly settings: { root: string; git: Git; fetchTimeoutMs: number }) {}

  /**
   * Brings the mirror up to date for one ref. A plain name is a branch, else a tag, else a commit. Throws INVALID for a
   * ref or URL that is not allowed, NOT_FOUND for a ref or repository that is not there, UNAVAILABLE when it could not
   * be fetched.
   */
  fetch(request: FetchRequest): Promise<Fetched> {
    const name = mirrorName(request);
    const same = JSON.stringify([name, request.cloneUrl, request.ref, request.credentials]);
    // One that has not started yet sees everything that is there now: no need for another.
    const inLine = this.#inLine.get(same);
    if (inLine !== undefined) return inLine;
    const fetched = this.#mutex.run(name, () => {
      this.#inLine.delete(same);
      return this.#fetch(join(this.settings.root, name), request);
    });
    this.#inLine.set(same, fetched);
    return fetched;
  }

  /** Removes what a killed process left behind. Only before the first fetch. */
  async cleanUp(): Promise<void> {
    for (const name of await namesIn(this.settings.root)) await removeLeftovers(join(this.settings.root, name));
  }

  async #fetch(mirror: string, request: FetchRequest): Promise<Fetched> {
    const { cloneUrl, ref, repository, credentials } = request;
    if (!Ref.safeParse(ref).success) throw new AppError('INVALID', `ref '${ref}' is not a branch, tag or commit`);
    if (!URL.canParse(cloneUrl) || !/^(https?|file):\/\//.test(cloneUrl)) {
      throw new AppError('INVALID', `the clone URL of ${repository} must be http, https or file`);
    }
    const { git, fetchTimeoutMs } = this.settings;
    const remote = { repository, cloneUrl, credentials };
    return { mirror, commit: await fetchCommit({ git, mirror, remote, timeoutMs: fetchTimeoutMs }, ref) };
  }
}
