// Starts a process that writes to files and outlives us unharmed: with pipes, killing this process would break
// Terraform's next write and leave an empty state file.
import { spawn } from 'node:child_process';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { type Child, defaultMaxOutputBytes, type Exit, signalProcessGroup, type Watched, watchChild } from './child.js';
import type { Environment } from './environment.js';
import { ifExists } from './file-error.js';
import type { LaunchOptions } from './launcher/messages.js';
import type { Launched, Launcher } from './launcher.js';
import { isUsed, outputFiles, survivingWrapper, writeIdentity } from './process-directory.js';
import { startOf } from './process-identity.js';
import { isExecutableFile } from './tool.js';

export type SpawnFailure = 'executable-missing' | 'cwd-missing' | 'directory-in-use' | 'not-started';

/** The process was not started, or was ended at once; nothing of it goes on. */
export class SpawnError extends Error {
  override readonly name = 'SpawnError';

  constructor(
    readonly failure: SpawnFailure,
    message: string,
    options?: { readonly cause: unknown },
  ) {
    super(message, options);
  }
}

export interface ProcessOptions {
  /** Absolute. */
  readonly executable: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of the environment; nothing is inherited. */
  readonly env: Environment;
  /** Made when missing, for this process alone: output, pid and exit code are kept in it. */
  readonly directory: string;
  /** `merged` (default): both streams in order in `output.log`. `separate`: the files `stdout` and `stderr`. */
  readonly output?: 'merged' | 'separate';
  /** Records the exit code even when this process is killed, so that `adoptProcess` can tell it. */
  readonly survives?: boolean;
  /** Default 1 GiB; a process that writes more is stopped, see `Exit.stoppedFor`. */
  readonly maxOutputBytes?: number;
  /** Starts it, unless it survives: that one must not depend on another process. Default: this process does. */
  readonly launcher?: Launcher;
}

/** Starts it detached, in its own process group, with stdin closed. Resolves when it runs; rejects with SpawnError. */
export async function startProcess(asked: ProcessOptions): Promise<Child> {
  const options = { ...asked, directory: resolve(asked.directory) };
  await checkStartable(options);
  const { launcher, survives } = options;
  if (survives !== true && launcher !== undefined) return launchedChild(options, launcher.launch(launchOf(options)));
  const started = await spawnInto(options);
  if (survives !== true) await record(started.pid, options.directory);
  return childOf(options, started);
}

/**
 * Starts the first, and the second at its very end when it exits with one of the codes. Resolves when the first runs;
 * `second` resolves when that runs, and rejects with SpawnError also when it is not to run.
 */
export async function startInTurn(
  launcher: Launcher,
  first: ProcessOptions,
  codes: readonly number[],
  second: ProcessOptions,
): Promise<{ first: Child; second: Promise<Child> }> {
  const [one, two] = [first, second].map((asked) => ({ ...asked, directory: resolve(asked.directory) })) as [
    ProcessOptions,
    ProcessOptions,
  ];
  await Promise.all([checkStartable(one), checkStartable(two)]);
  const launched = launcher.launchInTurn(launchOf(one), codes, launchOf(two));
  const later = launchedChild(two, launched.second);
  later.catch(() => {});
  return { first: await launchedChild(one, launched.first), second: later };
}

function childOf({ directory, maxOutputBytes = defaultMaxOutputBytes }: ProcessOptions, started: Started): Child {
  return watchChild({ ...started, directory, maxOutputBytes });
}

// A surviving child records itself, before it does anything else.
async function record(pid: number, directory: string): Promise<void> {
  const start = startOf(pid);
  if (start === undefined) return;
  try {
    await writeIdentity(directory, { pid, start });
  } catch (cause) {
    signalProcessGroup(pid, 'SIGKILL');
    throw new SpawnError('not-started', `the process could not be recorded in ${directory}`, { cause });
  }
}

async function checkStartable({ executable, cwd, directory }: ProcessOptions): Promise<void> {
  const [executableFile, workingDirectory] = await Promise.all([isExecutableFile(executable), ifExists(stat(cwd))]);
  if (!isAbsolute(executable) || !executableFile) {
    throw new SpawnError('executable-missing', `${executable} is not an executable file`);
  }
  if (workingDirectory?.isDirectory() !== true) {
    throw new SpawnError('cwd-missing', `the working directory ${cwd} does not exist`);
  }
  // A directory that was not there is nobody's.
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (made === undefined && (await isUsed(directory))) {
    throw new SpawnError('directory-in-use', `${directory} belongs to a process already`);
  }
}

type Started = Omit<Watched, 'directory' | 'maxOutputBytes'>;

function launchOf({ executable, args, cwd, env, directory, output = 'merged' }: ProcessOptions): LaunchOptions {
  const { merged, stdout, stderr } = outputFiles(directory);
  const files = output === 'merged' ? { stdout: merged, stderr: merged } : { stdout, stderr };
  return { file: executable, args, cwd, env, output: { to: 'files', ...files } };
}

async function launchedChild(options: ProcessOptions, launching: Promise<Launched>): Promise<Child> {
  const launched = await launching.catch((cause: unknown) => {
    throw notStarted(options, cause);
  });
  await record(launched.pid, options.directory);
  return childOf(options, {
    pid: launched.pid,
    ended: launched.ended.then(({ code, signal }) => ({ code, signal })),
    signalGroup: (signal) => launched.signalGroup(signal),
    release() {},
  });
}

async function spawnInto(options: ProcessOptions): Promise<Started> {
  const [stdout, stderr] = await openOutput(options);
  try {
    const [file, args] = command(options);
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', stdout.fd, stderr.fd],
    });
    // Listening at once: the exit of a short process must not be missed.
    const ended = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const { pid } = child;
    if (pid === undefined) throw new Error('a spawned process has no pid');
    return {
      pid,
      ended,
      signalGroup(signal) {
        // Once it is reaped its pid may be somebody else's.
        if (child.exitCode === null && child.signalCode === null) signalProcessGroup(pid, signal);
      },
      release: () => child.unref(),
    };
  } catch (cause) {
    throw notStarted(options, cause);
  } finally {
    await Promise.all([...new Set([stdout, stderr])].map((file) => file.close()));
  }
}

function notStarted({ executable }: ProcessOptions, cause: unknown): SpawnError {
  return new SpawnError('not-started', `${executable} could not be started`, { cause });
}

function command({ executable, args, directory, survives }: ProcessOptions): [string, string[]] {
  return survives === true
    ? ['/bin/sh', ['-c', survivingWrapper, directory, executable, ...args]]
    : [executable, [...args]];
}

async function openOutput({ directory, output = 'merged' }: ProcessOptions): Promise<[FileHandle, FileHandle]> {
  const files = outputFiles(directory);
  if (output === 'merged') {
    const both = await open(files.merged, 'a', 0o600);
    return [both, both];
  }
  return [await open(files.stdout, 'a', 0o600), await open(files.stderr, 'a', 0o600)];
}
