// Runs git: never through a shell, always with a limit in time, in output and in how many talk to a server at once.
import type { Launched, LaunchedEnd, Launcher } from '@terramesh/terraform';
import {
  credentialVariables,
  type GitCredentials,
  prepareGitEnvironment,
  withoutCredentials,
} from './git-environment.js';
import { Slots } from './slots.js';

/** `exitCode` is null when git did not end by itself: it ran out of time or could not be started. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number | null;
  /** At most 4 KiB, without credentials. */
  readonly stderr: string;

  constructor(
    readonly reason: 'exit' | 'timeout' | 'not-started',
    failure: { command: string; exitCode: number | null; stderr: string; cause?: unknown },
  ) {
    super(`git ${failure.command} failed (${failure.exitCode ?? reason}): ${failure.stderr}`, { cause: failure.cause });
    this.exitCode = failure.exitCode;
    this.stderr = failure.stderr;
  }
}

export interface GitRunOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** `network`: waits for one of the limited slots first; the time limit counts from the start of the process. */
  readonly reach: 'network' | 'disk';
  readonly credentials?: GitCredentials | null;
  readonly signal?: AbortSignal;
  /** `low`: for work that nobody waits for. Default `normal`. */
  readonly priority?: 'normal' | 'low';
}

const maxStdoutBytes = 1024 * 1024;
const maxStderrBytes = 4096;
/** Between the polite signal, after which git removes its lock files, and the one that cannot be ignored. */
const killGraceMs = 3000;

export class Git {
  readonly #network: Slots;

  private constructor(
    /** Where git's configuration and home are; not a repository and not inside one. */
    readonly directory: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly launcher: Launcher,
    maxNetworkOperations: number,
  ) {
    this.#network = new Slots(maxNetworkOperations);
  }

  /** `environment` is the one of this process; only PATH, proxies and certificates are taken from it. */
  static async open(settings: {
    directory: string;
    environment: Readonly<Record<string, string | undefined>>;
    launcher: Launcher;
    maxNetworkOperations: number;
  }): Promise<Git> {
    const environment = await prepareGitEnvironment(settings.directory, settings.environment);
    return new Git(settings.directory, environment, settings.launcher, settings.maxNetworkOperations);
  }

  /**
   * Standard output (its first MiB). Throws GitError for any exit code but 0, and the signal's reason when it is aborted;
   * in both cases the process and its children have ended.
   */
  async run(args: readonly string[], options: GitRunOptions): Promise<string> {
    if (options.reach === 'disk') return this.#run(args, options);
    return this.#network.run(() => this.#run(args, options));
  }

  async #run(args: readonly string[], options: GitRunOptions): Promise<string> {
    options.signal?.throwIfAborted();
    const credentials = options.credentials ?? null;
    const command = args.find((arg) => /^[a-z]/.test(arg)) ?? '';
    const launched = await this.launcher
      .launch({
        file: 'git',
        args,
        cwd: options.cwd,
        env: { ...this.environment, ...credentialVariables(credentials) },
        output: { to: 'message', maxStdoutBytes, maxStderrBytes },
        ...(options.priority === undefined ? {} : { priority: options.priority }),
      })
      .catch((cause: Error) => {
        throw new GitError('not-started', { command, exitCode: null, stderr: cause.message, cause });
      });
    const { code, stdout, stderr, timedOut } = await outcomeOf(launched, options);
    const failure = { command, exitCode: code, stderr: withoutCredentials(stderr, credentials).trim() };
    options.signal?.throwIfAborted();
    if (timedOut) throw new GitError('timeout', { ...failure, exitCode: null });
    if (code !== 0) throw new GitError('exit', failure);
    return stdout;
  }
}

async function outcomeOf(
  launched: Launched,
  { timeoutMs, signal }: GitRunOptions,
): Promise<LaunchedEnd & { timedOut: boolean }> {
  let timedOut = false;
  let force: NodeJS.Timeout | undefined;
  const stop = () => {
    // A process group of its own: git's helpers (remote-https, upload-pack) are stopped with it.
    launched.signalGroup('SIGTERM');
    force ??= setTimeout(() => launched.signalGroup('SIGKILL'), killGraceMs);
  };
  const deadline = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return { ...(await launched.ended), timedOut };
  } finally {
    clearTimeout(deadline);
    clearTimeout(force);
    signal?.removeEventListener('abort', stop);
  }
}
