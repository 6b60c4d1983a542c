// Runs git: never through a shell, always with a limit in time, in output and in how many talk to a server at once.
import { type ChildProcess, spawn } from 'node:child_process';
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
    maxNetworkOperations: number,
  ) {
    this.#network = new Slots(maxNetworkOperations);
  }

  /** `environment` is the one of this process; only PATH, proxies and certificates are taken from it. */
  static async open(settings: {
    directory: string;
    environment: Readonly<Record<string, string | undefined>>;
    maxNetworkOperations: number;
  }): Promise<Git> {
    const environment = await prepareGitEnvironment(settings.directory, settings.environment);
    return new Git(settings.directory, environment, settings.maxNetworkOperations);
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
    const child = spawn('git', args, {
      cwd: options.cwd,
      env: { ...this.environment, ...credentialVariables(credentials) },
      // A process group of its own: git's helpers (remote-https, upload-pack) are to be stopped with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = await outcomeOf(child, options);
    const failure = {
      command: args.find((arg) => /^[a-z]/.test(arg)) ?? '',
      exitCode: ended.startError === null ? ended.exitCode : null,
      stderr: withoutCredentials(ended.stderr, credentials).trim(),
    };
    options.signal?.throwIfAborted();
    if (ended.startError !== null) {
      throw new GitError('not-started', { ...failure, stderr: ended.startError.message, cause: ended.startError });
    }
    if (ended.timedOut) throw new GitError('timeout', { ...failure, exitCode: null });
    if (ended.exitCode !== 0) throw new GitError('exit', failure);
    return ended.stdout;
  }
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly startError: Error | null;
}

function outcomeOf(child: ChildProcess, { timeoutMs, signal }: GitRunOptions): Promise<Ended> {
  const stdout = collect(child.stdout, maxStdoutBytes);
  const stderr = collect(child.stderr, maxStderrBytes);
  let timedOut = false;
  let startError: Error | null = null;
  let force: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(child, 'SIGTERM');
    force ??= setTimeout(() => signalGroup(child, 'SIGKILL'), killGraceMs);
  };
  const deadline = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const finish = (exitCode: number | null) => {
      clearTimeout(deadline);
      clearTimeout(force);
      signal?.removeEventListener('abort', stop);
      resolve({ exitCode, stdout: stdout(), stderr: stderr(), timedOut, startError });
    };
    child.on('error', (error) => {
      startError = error;
      // Without a process, `close` may never come (too many open files).
      if (child.pid === undefined) finish(null);
    });
    child.on('close', finish);
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Gone in the meantime, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Keeps the first `limitBytes` and reads on, so that the writer never blocks. */
function collect(stream: NodeJS.ReadableStream | null, limitBytes: number): () => string {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, limitBytes - sizeBytes);
    sizeBytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
