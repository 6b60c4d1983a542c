// Starts processes from a small process of its own. A large one is slow at it: `fork` copies its page tables while
// nothing else runs, and every page that it writes afterwards is copied once more.
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Launch, LaunchedEnd, LaunchOptions, Report, Request } from './launcher/messages.js';

/** It was not started. `code`: what the system said, or `EPIPE` when the launcher itself cannot be started. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A process in a group of its own. */
export interface Launched {
  readonly pid: number;
  /** Never rejects. Without a code, and ended by SIGKILL, when the launcher was lost: its processes are ended with it. */
  readonly ended: Promise<LaunchedEnd>;
  /** Nothing happens when it has ended. */
  signalGroup(signal: NodeJS.Signals): void;
}

interface Pending {
  readonly started: (launched: Launched) => void;
  readonly failed: (error: LaunchError) => void;
  readonly ended: (end: LaunchedEnd) => void;
  readonly end: Promise<LaunchedEnd>;
  /** The launcher's process that was told to launch it. */
  teller?: ChildProcess;
  pid?: number;
}

/** So little memory that starting a process costs it next to nothing. */
const execArgv = ['--max-semi-space-size=1', '--max-old-space-size=64'];
/** Who was stopped for a while finds its timers due and the answers not yet read. */
const secondLookMs = 1_000;
const lost: LaunchedEnd = { code: null, signal: 'SIGKILL', stdout: '', stderr: '' };

/** Its process is started with the first launch, and anew when it was lost. It does not keep this process alive by itself. */
export class Launcher {
  private process: ChildProcess | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private readonly answerMs: number;

  /** `answerMs`: a launcher's process that does not answer a launch for so long is ended. Default 30 s. */
  constructor(options: { answerMs?: number } = {}) {
    this.answerMs = options.answerMs ?? 30_000;
  }

  /** Resolves when it runs; rejects with LaunchError. */
  launch(options: LaunchOptions): Promise<Launched> {
    const { id, started } = this.expect();
    this.tell({ id, options });
    return started;
  }

  /**
   * Launches the second at the very end of the first, when that ends with one of the codes. Both resolve when theirs runs;
   * `second` rejects with the code ECANCELED when it is not to run.
   */
  launchInTurn(
    first: LaunchOptions,
    codes: readonly number[],
    second: LaunchOptions,
  ): { first: Promise<Launched>; second: Promise<Launched> } {
    const [one, two] = [this.expect(), this.expect()];
    this.tell({ id: one.id, options: first, next: { codes, launch: { id: two.id, options: second } } });
    return { first: one.started, second: two.started };
  }

  /** Ends the launcher's process; what it started goes on, and nothing more is heard of it. */
  close(): void {
    this.process?.disconnect();
    this.process = undefined;
  }

  private expect(): { id: number; started: Promise<Launched> } {
    const id = ++this.lastId;
    let ended: (end: LaunchedEnd) => void = () => {};
    const end = new Promise<LaunchedEnd>((resolve) => {
      ended = resolve;
    });
    const started = new Promise<Launched>((started, failed) => {
      this.pending.set(id, { started, failed, ended, end });
    });
    return { id, started };
  }

  private tell(launch: Launch): void {
    const process = this.started();
    process.channel?.ref();
    const ids = [launch.id, ...(launch.next === undefined ? [] : [launch.next.launch.id])];
    for (const id of ids) Object.assign(this.pending.get(id) ?? {}, { teller: process });
    const request: Request = { kind: 'launch', ...launch };
    process.send(request, (error) => {
      if (error !== null) for (const id of ids) this.settle(id)?.failed(new LaunchError('EPIPE', error.message));
    });
    const isAnswered = () => this.pending.get(launch.id)?.pid !== undefined || !this.pending.has(launch.id);
    const look = () => {
      if (!isAnswered()) setTimeout(() => isAnswered() || process.kill('SIGKILL'), secondLookMs).unref();
    };
    setTimeout(look, this.answerMs).unref();
  }

  private started(): ChildProcess {
    if (this.process?.connected === true) return this.process;
    const main = createRequire(import.meta.url).resolve('@terramesh/terraform/launcher');
    // In its own group, so that Ctrl-C does not reach it; with nothing of our environment.
    const child = fork(main, { execArgv, env: {}, detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const over = () => this.lose(child);
    child.on('message', (report: Report) => this.hear(report));
    child.once('error', over);
    child.once('exit', over);
    child.unref();
    this.process = child;
    return child;
  }

  private hear(report: Report): void {
    if (report.kind === 'started') {
      const pending = this.pending.get(report.id);
      if (pending === undefined) return;
      pending.pid = report.pid;
      pending.started({
        pid: report.pid,
        ended: pending.end,
        signalGroup: (signal) => {
          const request: Request = { kind: 'signal', id: report.id, signal };
          // A launcher that is gone takes its processes with it.
          if (this.pending.has(report.id) && pending.teller?.connected === true) pending.teller.send(request, () => {});
        },
      });
    } else if (report.kind === 'failed') this.settle(report.id)?.failed(new LaunchError(report.code, report.message));
    else this.settle(report.id)?.ended(report.end);
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (this.pending.size === 0) this.process?.channel?.unref();
    return pending;
  }

  /** How its processes end cannot be learned any more, so they are ended. */
  private lose(child: ChildProcess): void {
    if (this.process === child) this.process = undefined;
    for (const [id, pending] of [...this.pending]) {
      if (pending.teller !== child) continue;
      this.settle(id);
      if (pending.pid === undefined) pending.failed(new LaunchError('EPIPE', 'the launcher was lost'));
      else {
        killGroup(pending.pid);
        pending.ended(lost);
      }
    }
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
