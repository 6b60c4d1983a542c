// One Terraform command of an execution: started into its own folder, followed into the log, stopped when it must.
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Child,
  ChildStuckError,
  type Environment,
  type Exit,
  type Launcher,
  outputFiles,
  type ProcessOptions,
  startInTurn,
  startProcess,
  stopChild,
  type Tool,
  tailFile,
} from '@terramesh/terraform';
import type { LogWriter } from './log-writer.js';

/** Why a step was ended from outside. */
export type StepEnd = 'cancel' | 'shutdown' | 'lost' | 'timeout';

export interface StepResult {
  readonly exit: Exit;
  readonly endedBy: StepEnd | null;
  /** What it printed, whole (bounded by the process's output limit); its lines are in the log then. */
  readonly text: Promise<string>;
}

export interface Step {
  readonly launcher: Launcher;
  readonly tool: Tool;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** For this step alone; its last part names it. */
  readonly folder: string;
  readonly timeoutMs: number;
  /** Abort ends the step; the reason is a StepEnd. */
  readonly signals: readonly AbortSignal[];
  readonly log: LogWriter;
  readonly output: 'merged' | 'separate';
}

/** Terraform's own time to stop: it waits for providers to answer. */
const grace = { interruptGraceMs: 30_000, secondGraceMs: 60_000 };
const maxTextBytes = 64 * 1024 * 1024;

/** Throws SpawnError when it could not be started. */
export async function runStep(step: Step): Promise<StepResult> {
  return finish(await startProcess(processOf(step)), step);
}

/**
 * Runs the first, and the second at its very end when it exits with one of the codes. The time of each counts from its own
 * start. `second` rejects also when it is not to run. Throws SpawnError when the first could not be started.
 */
export async function runInTurn(
  first: Step,
  codes: readonly number[],
  second: Step,
): Promise<{ first: Promise<StepResult>; second: Promise<StepResult> }> {
  const started = await startInTurn(first.launcher, processOf(first), codes, processOf(second));
  const results = {
    first: finish(started.first, first),
    second: started.second.then((child) => finish(child, second)),
  };
  // Whoever gives up after the first does not wait for the second.
  for (const result of Object.values(results)) result.catch(() => {});
  return results;
}

function processOf({ launcher, tool, args, cwd, env, folder, output }: Step): ProcessOptions {
  return { launcher, executable: tool.executable, args, cwd, env, directory: folder, output };
}

async function finish(child: Child, step: Step): Promise<StepResult> {
  const following =
    step.output === 'merged'
      ? follow({ path: outputFiles(step.folder).merged, ended: child.exited, log: step.log })
      : undefined;
  const { exit, endedBy } = await awaitEnd(child, step);
  // The next command need not wait for it.
  const text = Promise.resolve(following).then(() =>
    readText(step.output === 'merged' ? 'merged' : 'stderr', step.folder),
  );
  text.catch(() => {});
  return { exit, endedBy, text };
}

export interface Limits extends Pick<Step, 'signals' | 'timeoutMs'> {
  /** `leave`: on shutdown of this process the child goes on without it. Default `stop`. */
  readonly onShutdown?: 'stop' | 'leave';
}

/** Waits for the end; asks the process to stop when a signal aborts or the time is over. */
export async function awaitEnd(child: Child, limits: Limits): Promise<{ exit: Exit; endedBy: StepEnd | null }> {
  const { endedBy, dispose } = firstEnd(child, limits);
  try {
    const reason = await endedBy;
    if (reason === null) return { exit: await child.exited, endedBy: null };
    if (reason === 'shutdown' && limits.onShutdown === 'leave') {
      child.release();
      return { exit: { code: null, signal: null }, endedBy: reason };
    }
    return { exit: await stopChild(child, grace), endedBy: reason };
  } catch (error) {
    if (error instanceof ChildStuckError) return { exit: { code: null, signal: 'SIGKILL' }, endedBy: 'lost' };
    throw error;
  } finally {
    dispose();
  }
}

function firstEnd(
  child: Child,
  { signals, timeoutMs }: Pick<Step, 'signals' | 'timeoutMs'>,
): { endedBy: Promise<StepEnd | null>; dispose: () => void } {
  const disposers: (() => void)[] = [];
  const endedBy = new Promise<StepEnd | null>((resolve) => {
    void child.exited.then(() => resolve(null));
    const timer = setTimeout(resolve, timeoutMs, 'timeout');
    disposers.push(() => clearTimeout(timer));
    for (const signal of signals) {
      const onAbort = () => resolve(signal.reason as StepEnd);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      disposers.push(() => signal.removeEventListener('abort', onAbort));
    }
  });
  const dispose = () => {
    for (const each of disposers) each();
  };
  return { endedBy, dispose };
}

export function follow(file: {
  path: string;
  ended: Promise<unknown>;
  log: LogWriter;
  signal?: AbortSignal;
}): Promise<void> {
  const { path, ended, log, signal } = file;
  return tailFile(path, { onLines: (lines) => log.write(lines), ended, ...(signal === undefined ? {} : { signal }) });
}

/** What a step printed; the head of it when it is very long. */
export async function readText(
  stream: 'merged' | 'stdout' | 'stderr',
  folder: string,
  maxBytes = maxTextBytes,
): Promise<string> {
  const path = outputFiles(folder)[stream];
  const { size } = await stat(path);
  if (size <= maxBytes) return readFile(path, 'utf8');
  const file = await open(path);
  try {
    const head = Buffer.alloc(maxBytes);
    await file.read(head, 0, maxBytes, 0);
    return `${head.toString('utf8')}\n… cut at ${maxBytes} bytes of ${size}`;
  } finally {
    await file.close();
  }
}

/** `<executions>/<execution id>/<epoch>/<step>`: no two lives of an execution share a folder. */
export function stepFolder(executions: string, executionId: string, epoch: number, name: string): string {
  return join(executions, executionId, String(epoch), name);
}
