// A process that is wanted to run: killed and paused by the campaign, and started again, as an orchestrator does it, when
// it ends by itself.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => process.platform === 'linux' && existsSync(file));
const startTimeoutMs = 90_000;
const respawnMs = 500;

export class KeptProcess {
  #options;
  #child;
  #wanted = false;
  #exited = Promise.resolve();
  /** When and how it ended without being asked to: at a start while the database is away, say. */
  ownEnds = [];

  /** @param {{ name: string, command: string[], env: NodeJS.ProcessEnv, logFile: string, readyUrl: string }} options */
  constructor(options) {
    this.#options = options;
  }

  get name() {
    return this.#options.name;
  }

  get pid() {
    return this.#child?.pid;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Wants it to run; `ready` tells when it serves. */
  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#spawn();
  }

  async ready() {
    for (const giveUpAt = Date.now() + startTimeoutMs; Date.now() < giveUpAt; await delay(100)) {
      const answer = await fetch(this.#options.readyUrl, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (answer?.ok) return;
    }
    throw new Error(`${this.name} is not ready after ${startTimeoutMs / 1000} s: see ${this.#options.logFile}`);
  }

  /** Resolves when it is gone. */
  async kill() {
    await this.#end('SIGKILL');
  }

  pause() {
    this.#child?.kill('SIGSTOP');
  }

  resume() {
    this.#child?.kill('SIGCONT');
  }

  async stop(graceMs) {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), graceMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  async #end(signal) {
    this.#wanted = false;
    if (this.isRunning) this.#child.kill(signal);
    if (this.isRunning && signal !== 'SIGKILL') this.resume();
    await this.#exited;
  }

  #spawn() {
    const { command, env, logFile } = this.#options;
    // Ends with this process, even when that is killed.
    const tie = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
    const [file, ...args] = [...tie, ...command];
    const log = openSync(logFile, 'a');
    writeSync(log, `──── started at ${new Date().toISOString()}\n`);
    const child = spawn(file, args, { env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const ended = (how) => {
        resolve();
        if (!this.#wanted) return;
        this.ownEnds.push({ at: Date.now(), how: `${how}: ${lastLine(logFile)}` });
        setTimeout(() => this.#wanted && !this.isRunning && this.#spawn(), respawnMs);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    });
  }
}

/** The last thing it said, without the stack below it. */
function lastLine(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return (lines.findLast((line) => /^[^\s{}]/.test(line)) ?? '').replaceAll('|', ' ').slice(0, 300);
}
