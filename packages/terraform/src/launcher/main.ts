// The process of a launcher. It ends with the one that it works for; what it started goes on.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Launch, LaunchOptions, Report, Request } from './messages.js';

const children = new Map<number, ChildProcess>();

process.on('message', (request: Request) => {
  if (request.kind === 'launch') launch(request);
  else signalGroup(children.get(request.id), request.signal);
});
process.on('disconnect', () => process.exit());
// Whoever ends the whole group ends the one that it works for, which may have to stop what it started first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function launch(asked: Launch): void {
  const { id, options } = asked;
  try {
    const child = start(options);
    const stdout = collect(child.stdout, options.output.to === 'message' ? options.output.maxStdoutBytes : 0);
    const stderr = collect(child.stderr, options.output.to === 'message' ? options.output.maxStderrBytes : 0);
    // Before it has begun: afterwards an error is that of a signal, which whoever sends it sees.
    child.once('error', (error) => {
      if (!children.has(id)) fail(asked, error);
    });
    child.once('spawn', () => {
      children.set(id, child);
      if (options.priority === 'low') lowerPriority(child.pid);
      if (child.pid !== undefined) tell({ kind: 'started', id, pid: child.pid });
    });
    // With output to collect, the end is when that has ended too: those the process left behind may write on.
    child.on(options.output.to === 'files' ? 'exit' : 'close', (code, signal) => {
      if (!children.delete(id)) return;
      goOn(asked, code);
      tell({ kind: 'ended', id, end: { code, signal, stdout: stdout(), stderr: stderr() } });
    });
  } catch (error) {
    fail(asked, error);
  }
}

/** Before anybody is told of the end: the next one need not wait for that. */
function goOn({ next }: Launch, code: number | null): void {
  if (next === undefined) return;
  if (code !== null && next.codes.includes(code)) launch(next.launch);
  else fail(next.launch, Object.assign(new Error('what it was to follow ended otherwise'), { code: 'ECANCELED' }));
}

function start({ file, args, cwd, env, output }: LaunchOptions): ChildProcess {
  const options = { cwd, env, detached: true };
  if (output.to === 'message') return spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const opened: number[] = [];
  try {
    for (const path of new Set([output.stdout, output.stderr])) opened.push(openSync(path, 'a', 0o600));
    return spawn(file, args, { ...options, stdio: ['ignore', opened[0], opened.at(-1)] });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

function fail(asked: Launch, error: unknown): void {
  const { id } = asked;
  goOn(asked, null);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  tell({ kind: 'failed', id, code, message: error instanceof Error ? error.message : String(error) });
}

/** Nobody listens any more: this process is about to end. */
function tell(report: Report): void {
  if (process.connected) process.send?.(report, undefined, {}, () => {});
}

/** Keeps the first bytes and reads on, so that the writer never blocks. */
function collect(stream: NodeJS.ReadableStream | null, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, maxBytes - bytes);
    bytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Only while it lives: once it is reaped its pid may be somebody else's. */
function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // Where it may not be lowered, it is done all the same.
  }
}
